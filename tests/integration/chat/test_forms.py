"""Django's forms in the thread: checked on the server, saved once, and by nobody else."""

from typing import Any

import pytest
from chatkit.types import ThreadMetadata, WidgetItem
from django import forms

from chat.actions import ActionCall, Outcome
from chat.models import Thread
from chat.stores import codec
from chat.stores.base import now
from chat.stores.django import DjangoStore
from chat.widgets.forms import FormSpec, form_card, register
from chat.widgets.forms import submit as submit_form
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from tests.conftest import Browse
from tests.support.browsing import Browser, Turn, action_of, items_of, refusal, text_of
from tests.support.cast import Cast


class TitleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Thread
        fields = ["title", "status"]


GOOD = {"topic": "order", "email": "dave@example.com", "details": "My boots came too late.", "urgent": True}


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


@pytest.fixture
def shown(dave: Browser) -> tuple[Turn, dict[str, Any]]:
    turn = dave.say("Show me the contact form.")
    (widget,) = items_of(turn.frames, "widget")
    return turn, widget


def token_of(widget: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = widget["widget"]["confirm"]["action"]["payload"]
    return payload


def submit(dave: Browser, turn: Turn, widget: dict[str, Any], **fields: Any) -> dict[str, Any]:
    frames = dave.act(turn, widget, "form.submit", {**token_of(widget), "fields": {**GOOD, **fields}})
    return items_of(frames, "widget")[0]


def controls_of(widget: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {child["name"]: child for child in widget["widget"]["children"] if "name" in child}


def test_a_form_becomes_a_widget(shown: tuple[Turn, dict[str, Any]]) -> None:
    card = shown[1]["widget"]
    assert (card["type"], card["asForm"], card["confirm"]["action"]["type"]) == ("Card", True, "form.submit")
    controls = controls_of(shown[1])
    assert {name: control["type"] for name, control in controls.items()} == {
        "fields.topic": "Select",
        "fields.email": "Input",
        "fields.details": "Textarea",
        "fields.urgent": "Checkbox",
    }
    assert controls["fields.email"]["inputType"] == "email"
    assert controls["fields.details"]["required"] is True
    assert [option["value"] for option in controls["fields.topic"]["options"]] == ["order", "product", "other"]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    dave: Browser, shown: tuple[Turn, dict[str, Any]], cast: Cast
) -> None:
    turn, widget = shown
    again = submit(dave, turn, widget, email="nowhere", details="short", topic="weather")
    assert again["id"] == widget["id"]
    errors = [child["value"] for child in again["widget"]["children"] if child.get("color") == "danger"]
    assert len(errors) == 3
    assert "Enter a valid email address." in errors
    assert controls_of(again)["fields.email"]["defaultValue"] == "nowhere"
    assert controls_of(again)["fields.urgent"]["defaultChecked"] is True
    assert dave.items(turn.thread_id)[-1] == again
    assert Thread.objects.for_tenant(cast.acme).get().metadata == {}
    assert "confirm" in submit(dave, turn, again)["widget"]  # the same token still serves


def test_it_is_saved_once_it_was_confirmed(dave: Browser, shown: tuple[Turn, dict[str, Any]], cast: Cast) -> None:
    turn, widget = shown
    summary = submit(dave, turn, widget)
    assert "dave@example.com" in str(summary)
    assert "An order" in str(summary)
    assert Thread.objects.for_tenant(cast.acme).get().metadata == {}
    frames = dave.act(turn, summary, "form.confirm", token_of(summary))
    (done,) = items_of(frames, "widget")
    assert done["widget"]["status"]["text"] == "Sent"
    waiting = Thread.objects.for_tenant(cast.acme).get().metadata["waiting_for_human"]
    assert waiting["reason"] == "order (urgent), dave@example.com: My boots came too late."
    params = action_of(turn, summary, "form.confirm", token_of(summary))
    assert refusal(dave.post("threads.custom_action", params)) == (409, "action_not_offered")


def test_it_is_thrown_away_when_it_is_cancelled(dave: Browser, shown: tuple[Turn, dict[str, Any]], cast: Cast) -> None:
    turn, widget = shown
    summary = submit(dave, turn, widget)
    frames = dave.act(turn, summary, "form.cancel", token_of(summary))
    assert items_of(frames, "widget")[0]["widget"]["status"]["text"] == "Cancelled"
    assert text_of(frames) == ""
    assert Thread.objects.for_tenant(cast.acme).get().metadata == {}


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        "x",
        {},
        {"details": {"a": 1}},
        {"details": ["x"] * 5},
        {"__class__": "x", "self": 1},
        {"urgent": "no\0"},
    ],
)
def test_a_form_takes_any_nonsense(dave: Browser, shown: tuple[Turn, dict[str, Any]], fields: Any) -> None:
    turn, widget = shown
    frames = dave.act(turn, widget, "form.submit", {**token_of(widget), "fields": fields})
    (again,) = items_of(frames, "widget")
    assert any(child.get("color") == "danger" for child in again["widget"]["children"])


def test_a_second_sending_of_the_first_card_finds_it_gone(dave: Browser, shown: tuple[Turn, dict[str, Any]]) -> None:
    turn, widget = shown
    submit(dave, turn, widget)
    params = action_of(turn, widget, "form.submit", {**token_of(widget), "fields": GOOD})
    assert refusal(dave.post("threads.custom_action", params)) == (409, "action_not_offered")


async def test_a_form_of_a_model_is_validated_and_saved_in_its_tenant(cast: Cast) -> None:
    """Its own checks query the table, which nobody may without a tenant."""
    store, alice = DjangoStore(), await in_database(cast.context, cast.alice, cast.guide)
    thread = ThreadMetadata(id=store.generate_thread_id(alice), created_at=now(), title="Boots")
    await store.save_thread(thread, alice)
    spec = register(
        FormSpec(
            "title",
            "The title",
            TitleForm,
            lambda form, call: f"It is called {form.save().title} now.",
            arguments=lambda context: {
                "instance": Thread.objects.for_tenant(context.tenant.id).get(public_id=thread.id)
            },
        )
    )
    card = await form_card(spec, thread.id, alice)
    item = WidgetItem(id="msg_x", thread_id=thread.id, created_at=now(), widget=card)
    shown = codec.dump_item(item)
    assert controls_of(shown)["fields.title"]["defaultValue"] == "Boots"

    async def send(**fields: str) -> Outcome:
        call = ActionCall("form.submit", {**token_of(shown), "fields": fields}, item, thread, store, alice)
        return await submit_form(call)

    wrong = await send(title="Tents", status="gone")
    assert "is not one of the available choices" in wrong.widget.model_dump_json()  # type: ignore[union-attr]
    right = await send(title="Tents", status="active")
    assert right.note == "The user sent the form “The title”. It is called Tents now."
    assert (await store.load_thread(thread.id, alice)).title == "Tents"
    with pytest.raises(PlatformError) as caught:
        await send(title="Again", status="active")
    assert caught.value.code == "action_expired"
