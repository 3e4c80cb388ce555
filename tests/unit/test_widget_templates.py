"""Widget templates: what they make, and everything that they must not do."""

import json
from typing import Any

import pytest

from chat.widgets.summary_card import Fact, summary_card
from chat.widgets.template import WidgetTemplate, WidgetTemplateError


def template(source: str, **more: Any) -> WidgetTemplate:
    return WidgetTemplate({"version": "1.0", "name": "test", "template": source, **more})


def made(source: str, **data: Any) -> Any:
    return template(source).build(data).model_dump(mode="json", exclude_none=True)


def test_a_template_makes_a_widget() -> None:
    widget = made(
        '{"type":"Card","children":[{% for x in xs %}{"type":"Text","value":{{ x|tojson }}}{% endfor %}]}', xs=["a"]
    )
    assert widget == {"type": "Card", "children": [{"type": "Text", "value": "a"}]}


def test_data_stay_data() -> None:
    hostile = '"}],"x":[{"{{ 7 * 7 }}\n</script>'
    card = summary_card(hostile, [Fact(label=hostile, value=hostile)]).model_dump(mode="json", exclude_none=True)
    assert card["children"][0]["value"] == hostile
    assert card["children"][2]["children"][0]["children"][1]["value"] == hostile


def test_trap_23_properties_that_the_sdk_does_not_know_are_kept() -> None:
    widget = made('{"type":"Card","border":{"size":2},"children":[{"type":"Table","children":[],"glow":true}]}')
    assert widget["border"] == {"size": 2}
    assert widget["children"][0]["glow"] is True


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ x.__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ range.__call__(3) }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner() }}",
    "{{ namespace(a=1) }}",
    "{{ dict(a=1) }}",
    "{{ config }}",
    "{{ x.keys() }}",
    "{{ 'a'.format(1) }}",
    "{{ '%s' % x }}",
    "{{ '%999999999d' % 1 }}",
    "{{ 'a' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'|center(999999999) }}",
    "{{ 'a'|replace('a', 'aa') }}",
    "{{ xs|map('upper')|list }}",
    "{{ xs|batch(9)|list }}",
    "{% import 'x' as y %}",
    "{% include 'x' %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro m() %}{% endmacro %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}{% endfilter %}",
    "{% set a %}aa{% endset %}",
    "{% set a = x ~ x %}",
    "{% set a = [x, x] %}",
    "{% set a = {'x': x} %}",
    "{% for a in range(999999999) %}{% endfor %}",
    "{% for a in xs recursive %}{{ loop(a) }}{% endfor %}",
    "{% for a in xs %}{% for b in xs %}{% for c in xs %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in xs %}{% endfor %}" * 11,
    "{{ missing }}",
    "x" * 32_001,
    "{{",
]


@pytest.mark.parametrize("source", ESCAPES, ids=lambda source: source[:40])
def test_a_template_can_do_nothing_else(source: str) -> None:
    with pytest.raises(WidgetTemplateError):
        template(source + '{"type":"Card"}').build({"x": {"a": "b"}, "xs": ["a", "b"]})


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("[]", {}),
        ('"Card"', {}),
        ("null", {}),
        ("no JSON", {}),
        ('{"type":"Button"}', {}),
        ('{"type":"Card","children":[{"no":"type"}]}', {}),
        ("[" * 100_000, {}),
        ('{"type":"Card"}', {"xs": [0] * 501}),
        ('{"type":"Card"}', {"x": "y" * 64_001}),
        ("{% for a in xs %}{% for b in xs %}{{ x }}{% endfor %}{% endfor %}", {"xs": [0] * 500, "x": "y" * 50}),
    ],
    ids=range(10),
)
def test_what_is_no_widget_is_refused(source: str, data: dict[str, Any]) -> None:
    with pytest.raises(WidgetTemplateError):
        template(source).build(data)


def test_data_must_fit_the_schema() -> None:
    schema = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}
    strict = template('{"type":"Card","size":{{ x }}}', jsonSchema=schema)
    assert strict.build({"x": 1}).type == "Card"
    for wrong in ({}, {"x": "1"}):
        with pytest.raises(WidgetTemplateError):
            strict.build(wrong)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nothing"},
        {"pattern": "(a+)+$"},
        {"properties": {"x": {"patternProperties": {}}}},
        {"$ref": "https://example.com/schema"},
        {"allOf": [{"$ref": "file:///etc/passwd"}]},
    ],
)
def test_a_schema_reaches_nothing_and_takes_no_time(schema: dict[str, Any]) -> None:
    with pytest.raises(WidgetTemplateError):
        template('{"type":"Card"}', jsonSchema=schema)


def test_a_schema_that_goes_round_in_circles_is_none() -> None:
    with pytest.raises(WidgetTemplateError):
        template('{"type":"Card"}', jsonSchema={"$ref": "#"})


@pytest.mark.parametrize("definition", [{}, {"version": "2.0", "template": "{}"}, {"version": "1.0", "template": None}])
def test_only_templates_of_version_1_are_read(definition: dict[str, Any]) -> None:
    with pytest.raises(WidgetTemplateError):
        WidgetTemplate(json.loads(json.dumps(definition)))
