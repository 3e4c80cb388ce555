"""Django forms as widgets: shown in the thread, validated on the server, saved once.

A form is registered with what saves it.  Its widget carries a one-use token; what was filled in wrongly comes back in the same
widget with the errors beside the fields; what writes can ask once more before it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatkit.widgets import DynamicWidgetRoot
from django import forms
from django.db import transaction

from chat.actions import ActionCall, Outcome, action
from chat.context import ChatContext
from chat.stores import token_queries as tokens
from chat.widgets.form_fields import GROUP, controls_of, flat
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError

_FILL, _CONFIRM = "form", "form.confirm"
Form = forms.BaseForm


def _no_arguments(_context: ChatContext) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A form that can be shown in a thread.

    Args:
        name: under which it is registered.
        title: the heading of its card.
        form: the class, a `Form` or a `ModelForm`.
        save: does what the form is for, and returns one sentence for the user and the model.  It runs in a transaction and in a
            thread of the database pool, as the end user of the call: what belongs to a tenant, it gives `call.context.tenant`.
        arguments: what the class takes besides the data (``instance``, ``initial``), for the caller.
        submit: the label of the button.
        confirms: ask once more, with all values on one card, before it is saved.
    """

    name: str
    title: str
    form: type[Form]
    save: Callable[[Any, ActionCall], str]
    arguments: Callable[[ChatContext], dict[str, Any]] = _no_arguments
    submit: str = "Send"
    confirms: bool = False


_FORMS: dict[str, FormSpec] = {}


def register(spec: FormSpec) -> FormSpec:
    """Make a form known; a later one of the same name takes its place."""
    _FORMS[spec.name] = spec
    return spec


async def form_card(spec: FormSpec, thread_id: str, context: ChatContext) -> DynamicWidgetRoot:
    """The empty form, with a token of its own.

    Raises:
        NotFoundError: the thread is not the caller's.
    """

    def make() -> DynamicWidgetRoot:
        token = tokens.issue(_FILL, {"form": spec.name}, thread_id, context)
        return _filling(spec, spec.form(**spec.arguments(context)), token)

    return await in_tenant(context.tenant.id, make)


@action("form.submit")
async def submit(call: ActionCall) -> Outcome:
    """Check what was filled in; save it, or ask whether to."""
    return await in_tenant(call.context.tenant.id, _submit, call)


@action("form.confirm")
async def confirm(call: ActionCall) -> Outcome:
    """Save what was checked before, unless it is not right any more."""
    return await in_tenant(call.context.tenant.id, _confirm, call)


@action("form.cancel")
async def cancel(call: ActionCall) -> Outcome:
    """Throw away what was filled in."""
    token = call.payload.get("token")
    data = await in_tenant(call.context.tenant.id, tokens.claim, token, _CONFIRM, call.thread.id, call.context)
    spec = _spec(data)
    return Outcome(
        widget=_card(spec.title, status={"text": "Cancelled", "icon": "lucide:x"}),
        note=f"The user cancelled the form “{spec.title}”. Nothing was saved.",
    )


def _submit(call: ActionCall) -> Outcome:
    token = call.payload.get("token")
    spec = _spec(tokens.read(token, _FILL, call.thread.id, call.context))
    fields = call.payload.get(GROUP)
    given = {name: value for name, value in fields.items() if _is_plain(value)} if isinstance(fields, dict) else {}
    form = spec.form(data=given, **spec.arguments(call.context))
    if not form.is_valid():
        return Outcome(widget=_filling(spec, form, str(token)), is_users_own=True)
    with transaction.atomic():
        tokens.claim(token, _FILL, call.thread.id, call.context)
        if not spec.confirms:
            return _saved(spec, form, call)
        known = {name: given[name] for name in form.fields if name in given}
        data = {"form": spec.name, GROUP: known}
        asking = _confirming(spec, form, tokens.issue(_CONFIRM, data, call.thread.id, call.context))
        return Outcome(widget=asking, is_users_own=True)


def _confirm(call: ActionCall) -> Outcome:
    with transaction.atomic():
        data = tokens.claim(call.payload.get("token"), _CONFIRM, call.thread.id, call.context)
        spec = _spec(data)
        form = spec.form(data=data[GROUP], **spec.arguments(call.context))
        if form.is_valid():
            return _saved(spec, form, call)
        return Outcome(
            widget=_filling(spec, form, tokens.issue(_FILL, {"form": spec.name}, call.thread.id, call.context)),
            is_users_own=True,
        )


def _saved(spec: FormSpec, form: Form, call: ActionCall) -> Outcome:
    sentence = spec.save(form, call)
    status = {"text": "Sent", "icon": "check-circle"}
    return Outcome(
        widget=_card(spec.title, *_summary(form), {"type": "Text", "value": sentence}, status=status),
        note=f"The user sent the form “{spec.title}”. {sentence}",
        speaks=True,
        is_users_own=True,
    )


def _spec(data: dict[str, Any]) -> FormSpec:
    spec = _FORMS.get(data["form"])
    if spec is None:
        raise PlatformError("action_expired")
    return spec


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


# ---- the cards


def _filling(spec: FormSpec, form: Form, token: str) -> DynamicWidgetRoot:
    children = [part for bound in form if not bound.is_hidden for part in controls_of(bound)]
    errors = [{"type": "Text", "value": str(error), "color": "danger"} for error in form.non_field_errors()]
    send = {"label": spec.submit, "action": {"type": "form.submit", "payload": {"token": token}}}
    return _card(spec.title, *errors, *children, asForm=True, confirm=send)


def _confirming(spec: FormSpec, form: Form, token: str) -> DynamicWidgetRoot:
    payload = {"token": token}
    return _card(
        spec.title,
        *_summary(form),
        confirm={"label": "Confirm", "action": {"type": "form.confirm", "payload": payload}},
        cancel={"label": "Cancel", "action": {"type": "form.cancel", "payload": payload}},
    )


def _summary(form: Form) -> list[dict[str, Any]]:
    """What was filled in, without passwords."""
    return [
        {
            "type": "Row",
            "justify": "between",
            "gap": 4,
            "children": [
                {"type": "Text", "value": str(bound.label), "color": "secondary", "size": "sm"},
                {"type": "Text", "value": _shown(bound, form.cleaned_data.get(bound.name)), "size": "sm"},
            ],
        }
        for bound in form
        if not bound.is_hidden and not isinstance(bound.field.widget, forms.PasswordInput)
    ]


def _shown(bound: forms.BoundField, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(bound.field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in flat(bound.field.choices)}
        given = bound.value()
        chosen = given if isinstance(given, list | tuple) else [given]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen) or "–"
    return "–" if value in (None, "") else str(value)


def _card(title: str, *children: dict[str, Any], **fields: Any) -> DynamicWidgetRoot:
    heading = {"type": "Title", "value": title, "size": "sm"}
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "md", "children": [heading, *children], **fields})
