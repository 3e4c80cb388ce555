"""Fields of Django forms -> the controls of a widget."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

#: Fields of a form travel as ``{"fields": {<name>: <value>}}`` in the payload of its action.
GROUP = "fields"


def controls_of(bound: forms.BoundField) -> list[dict[str, Any]]:
    """The label, the control, the help and the errors of one field.

    Raises:
        TypeError: the field has no control in a widget (files, for example).
    """
    control = _control(bound)
    shown: list[dict[str, Any]] = []
    if control["type"] != "Checkbox":
        shown.append({"type": "Label", "value": str(bound.label), "fieldName": control["name"]})
    shown.append(control)
    if bound.help_text:
        shown.append({"type": "Caption", "value": str(bound.help_text)})
    shown += [{"type": "Text", "value": str(error), "color": "danger", "size": "sm"} for error in bound.errors]
    return shown


def _control(bound: forms.BoundField) -> dict[str, Any]:
    field, widget = bound.field, bound.field.widget
    common: dict[str, Any] = {
        "name": f"{GROUP}.{bound.name}",
        # Clients that name a control by its placeholder would not find the label above it.
        "ariaLabel": str(bound.label),
        "required": field.required,
        "disabled": field.disabled,
    }
    value = _text(bound.value())
    if isinstance(field, forms.FileField | forms.MultipleChoiceField | forms.MultiValueField):
        raise TypeError(f"{type(field).__name__} has no control in a widget")
    if isinstance(field, forms.BooleanField):
        return common | {"type": "Checkbox", "label": str(bound.label), "defaultChecked": bool(bound.value())}
    if isinstance(field, forms.ChoiceField):
        options = [{"value": str(key), "label": str(label)} for key, label in flat(field.choices) if str(key)]
        if isinstance(widget, forms.RadioSelect):
            return common | {"type": "RadioGroup", "options": options, "defaultValue": value}
        return common | {
            "type": "Select",
            "options": options,
            "defaultValue": value,
            "placeholder": "Choose",
            "block": True,
        }
    if isinstance(field, forms.DateField):
        return common | {"type": "DatePicker", "defaultValue": value, "block": True}
    placeholder = str(widget.attrs.get("placeholder", ""))
    if isinstance(widget, forms.Textarea):
        return common | {"type": "Textarea", "defaultValue": value, "placeholder": placeholder, "rows": 4}
    kind = _input_type(field)
    # What was typed into a password field is not sent back, and so not stored with the widget.
    return common | {
        "type": "Input",
        "inputType": kind,
        "defaultValue": "" if kind == "password" else value,
        "placeholder": placeholder,
    }


def _input_type(field: forms.Field) -> str:
    if isinstance(field.widget, forms.PasswordInput):
        return "password"
    match field:
        case forms.EmailField():
            return "email"
        case forms.URLField():
            return "url"
        case forms.IntegerField():  # whole numbers, decimals and floats
            return "number"
        case _:
            return "text"


def flat(choices: Any) -> list[tuple[Any, Any]]:
    """Choices without their groups."""
    found: list[tuple[Any, Any]] = []
    for key, label in choices:
        found += flat(label) if isinstance(label, list | tuple) else [(key, label)]
    return found


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)
