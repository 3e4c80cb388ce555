"""Each kind of field of Django's forms has a control of ChatKit's widgets."""

from typing import Any

import pytest
from django import forms

from accounts.models import User
from chat.widgets.form_fields import controls_of


def control(field: forms.Field, *, data: dict[str, Any] | None = None, initial: Any = None) -> dict[str, Any]:
    form = type("Some", (forms.Form,), {"it": field})(data=data, initial={"it": initial})
    return next(part for part in controls_of(form["it"]) if "name" in part)


@pytest.mark.parametrize(
    ("field", "kind", "more"),
    [
        (forms.CharField(), "Input", {"inputType": "text"}),
        (forms.EmailField(), "Input", {"inputType": "email"}),
        (forms.URLField(assume_scheme="https"), "Input", {"inputType": "url"}),
        (forms.IntegerField(), "Input", {"inputType": "number"}),
        (forms.DecimalField(), "Input", {"inputType": "number"}),
        (forms.CharField(widget=forms.PasswordInput), "Input", {"inputType": "password", "defaultValue": ""}),
        (forms.CharField(widget=forms.Textarea(attrs={"placeholder": "Why?"})), "Textarea", {"placeholder": "Why?"}),
        (forms.BooleanField(label="Yes"), "Checkbox", {"label": "Yes"}),
        (forms.ChoiceField(choices=[("a", "A"), ("G", [("b", "B")])]), "Select", {"defaultValue": "secret"}),
        (forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect), "RadioGroup", {}),
        (forms.DateField(), "DatePicker", {}),
        (forms.CharField(required=False, disabled=True), "Input", {"required": False, "disabled": True}),
    ],
)
def test_a_field_has_its_control(field: forms.Field, kind: str, more: dict[str, Any]) -> None:
    made = control(field, initial="secret")
    assert (made["type"], made["name"]) == (kind, "fields.it")
    assert made.items() >= more.items()


def test_groups_of_choices_become_one_list() -> None:
    made = control(forms.ChoiceField(choices=[("", "-"), ("a", "A"), ("G", [("b", "B")])]))
    assert made["options"] == [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


@pytest.mark.parametrize("field", [forms.FileField(), forms.MultipleChoiceField(choices=[("a", "A")])])
def test_a_field_without_a_control_is_refused(field: forms.Field) -> None:
    with pytest.raises(TypeError):
        control(field)


def test_a_field_of_a_model_brings_its_own_words() -> None:
    form = forms.modelform_factory(User, fields=["email", "name"])(data={"email": "nowhere"})
    parts = [part for bound in form for part in controls_of(bound)]
    assert {"type": "Label", "value": "Name", "fieldName": "fields.name"} in parts
    assert {"type": "Text", "value": "Enter a valid email address.", "color": "danger", "size": "sm"} in parts
