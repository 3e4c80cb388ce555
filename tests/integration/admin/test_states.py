"""The state of a conversation is changed in the admin, and holds in the chat."""

import pytest
from django.test import Client

from chat.models import Run, Thread
from tenants.models import AuditEvent
from tests.conftest import Browse
from tests.support.browsing import items_of, message, refusal
from tests.support.cast import Cast
from tests.support.panel import signed_in


def test_states(browse: Browse, cast: Cast) -> None:
    dave, operator = browse().open(), signed_in(cast.bob)
    turn = dave.say("Hello")
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id)
    address = f"/admin/chat/thread/{thread.pk}/"
    for state, code in (("locked", "thread_locked"), ("closed", "thread_closed")):
        operator.post(f"{address}state/", {"state": state, "reason": "It is late."})
        assert "It is late." in operator.get(f"{address}change/").content.decode()
        params = {"thread_id": turn.thread_id, "input": message("Still there?")}
        assert refusal(dave.post("threads.add_user_message", params)) == (409, code)
    operator.post(f"{address}state/", {"state": "waiting"})
    assert items_of(dave.say("Is anybody there?", turn.thread_id).frames, "assistant_message") == []
    operator.post(f"{address}state/", {"state": "open"})
    assert dave.say("Hello again", turn.thread_id).answer
    events = AuditEvent.objects.for_tenant(cast.acme).filter(action="thread.state").order_by("id")
    assert [(one.before["state"], one.after["state"], one.actor) for one in events] == [
        ("open", "locked", cast.bob.email),
        ("locked", "closed", cast.bob.email),
        ("closed", "waiting", cast.bob.email),
        ("waiting", "open", cast.bob.email),
    ]


@pytest.mark.parametrize("posted", [{"state": "haunted"}, {}, {"state": "locked", "reason": "x" * 501}])
def test_a_state_that_there_is_not_changes_nothing(browse: Browse, cast: Cast, posted: dict[str, str]) -> None:
    turn = browse().open().say("Hello")
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id)
    client: Client = signed_in(cast.bob)
    page = client.post(f"/admin/chat/thread/{thread.pk}/state/", posted, follow=True)
    assert "Choose one of the states" in page.content.decode()
    Run.objects.for_tenant(cast.acme).filter(thread=thread).update(state=Run.State.RUNNING)
    page = client.post(f"/admin/chat/thread/{thread.pk}/state/", {"state": "locked"}, follow=True)
    assert "Another answer is still being written here." in page.content.decode()
    thread.refresh_from_db()
    assert thread.status == "active"
