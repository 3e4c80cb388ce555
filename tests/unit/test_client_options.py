"""What of a tenant's client options reaches a page."""

from typing import Any

import pytest

from accounts.demo import DEMO
from chat.client_options import accent_of, client_options, locale_of, scheme_of
from chat.page_options import page_config


@pytest.mark.parametrize("demo", DEMO, ids=lambda demo: demo.slug)
def test_good_options_pass_unchanged(demo: Any) -> None:
    assert client_options(demo.options) == demo.options


def test_what_the_page_decides_and_what_nobody_knows_is_left_out() -> None:
    given = {
        "api": {"url": "https://evil.example/"},
        "initialThread": "thr_1",
        "onClientTool": "alert(1)",
        "entities": {"onTagSearch": "x"},
        "header": {"leftAction": {"icon": "menu", "onClick": "alert(1)"}, "title": {"text": "Hi", "x": 1}},
        "frameTitle": "Chat",
    }
    assert client_options(given) == {"header": {"title": {"text": "Hi"}}, "frameTitle": "Chat"}


def test_a_language_goes_before_the_readers_own() -> None:
    assert [client_options({"locale": given}) for given in ("DE", "xx", 3)] == [{"locale": "de"}, {}, {}]
    place: dict[str, Any] = {
        "tenant": "acme",
        "assistant": "guide",
        "hosted": False,
        "names_tenant": True,
        "thread": None,
    }
    for stored, shown in (({"locale": "de"}, "de"), ({}, "fr")):
        assert page_config(options=stored, locale="fr", **place)["options"]["locale"] == shown


@pytest.mark.parametrize("given", [None, [], "theme", 3])
def test_what_is_no_object_gives_nothing(given: Any) -> None:
    assert client_options(given) == {}


def test_one_fault_does_not_take_the_other_options_along() -> None:
    given = {
        "theme": {"radius": "triangular"},
        "frameTitle": "Chat",
        "startScreen": {"prompts": [{"label": "No prompt"}]},
    }
    assert client_options(given) == {"frameTitle": "Chat"}


@pytest.mark.parametrize(
    "colour",
    [
        "url(//evil.example/x)",
        "URL(/x)",
        "red; background: url(x)",
        "image-set('x')",
        "red}</style>",
        "var(--x)\\",
        "r" * 201,
        "",
    ],
)
def test_colours_cannot_load_or_close_anything(colour: str) -> None:
    assert client_options({"theme": {"color": {"accent": {"primary": colour, "level": 1}}}}) == {}


@pytest.mark.parametrize("colour", ["#15803d", "rebeccapurple", "oklch(0.6 0.1 250 / 80%)", "rgb(1, 2, 3)"])
def test_colours_pass(colour: str) -> None:
    options = client_options({"theme": {"color": {"accent": {"primary": colour, "level": 1}}}})
    assert accent_of(options) == colour


@pytest.mark.parametrize(
    "source",
    ["https://evil.example/f.woff2", "//evil.example/f.woff2", "/\\evil.example/f", "/\t/evil.example/f", "f.woff2"],
)
def test_fonts_come_from_this_host(source: str) -> None:
    def theme(src: str) -> dict[str, Any]:
        return {"theme": {"typography": {"fontSources": [{"family": "F", "src": src}]}}}

    assert client_options(theme(source)) == {}
    assert client_options(theme("/static/f.woff2")) == theme("/static/f.woff2")


@pytest.mark.parametrize(
    ("options", "scheme"),
    [({}, ""), ({"theme": "dark"}, "dark"), ({"theme": {"colorScheme": "light"}}, "light"), ({"theme": {}}, "")],
)
def test_the_scheme_that_a_tenant_wants(options: dict[str, Any], scheme: str) -> None:
    assert scheme_of(client_options(options)) == scheme
    assert accent_of(client_options(options)) == ""


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", None),
        ("de", "de"),
        ("pt-BR,pt;q=0.9", "pt-BR"),
        ("zh-hant", "zh-Hant"),
        ("tlh, fr;q=0.5", "fr"),
        ("en;q=0.1, es-MX;q=0.9", "es"),
        ("*", None),
        (";;;", None),
    ],
)
def test_the_locale_is_one_that_chatkit_knows(header: str, locale: str | None) -> None:
    assert locale_of(header) == locale
