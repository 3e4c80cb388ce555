"""The contact form: what somebody wants of a person, and how to reach them."""

from __future__ import annotations

from django import forms

from chat.actions import ActionCall
from chat.thread_state import wait_for_human
from chat.widgets.forms import FormSpec, register


class ContactForm(forms.Form):
    """A request to a person."""

    topic = forms.ChoiceField(
        choices=[("order", "An order"), ("product", "A product"), ("other", "Something else")],
        label="What is it about?",
    )
    email = forms.EmailField(required=False, label="E-mail address", help_text="Where to reach you, if not here.")
    details = forms.CharField(widget=forms.Textarea, min_length=10, max_length=800, label="Details")
    urgent = forms.BooleanField(required=False, label="It is urgent")


def _save(form: ContactForm, call: ActionCall) -> str:
    """Put the request to whoever takes over the conversation."""
    values = form.cleaned_data
    urgency = " (urgent)" if values["urgent"] else ""
    wait_for_human(call.thread, f"{values['topic']}{urgency}, {values['email'] or 'no address'}: {values['details']}")
    return "Your request is with a person now, who will answer here."


CONTACT = register(FormSpec("contact", "Contact us", ContactForm, _save, confirms=True))
