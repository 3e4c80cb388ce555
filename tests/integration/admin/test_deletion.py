"""Owners and admins delete a conversation, or somebody who chats, with everything that belongs to them."""

from __future__ import annotations

import re

from django.db import connection

from accounts.models import ChatSession, EndUser
from chat.models import Attachment, Run, Thread
from chat.stores import files
from tenants.models import AuditEvent, Usage
from tenants.panel.contents import below
from tests.conftest import Browse
from tests.support.browsing import Browser, Turn, refusal
from tests.support.cast import Cast
from tests.support.panel import signed_in
from tests.support.provider import Hold, Provider

CANARY = "canary7f3a"


def tables_with(words: str) -> list[str]:
    """The tables of the database in which some row holds these words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text LIKE %s)', [f"%{words}%"])
            if cursor.fetchone() == (True,):
                found.append(table)
    return found


def talk(browser: Browser, title: str = CANARY) -> Turn:
    """A conversation with everything in it."""
    attachment = browser.upload(f"{CANARY}.txt", f"Words of {CANARY}".encode())
    turn = browser.say(f"I am {CANARY}", attachments=[attachment["id"]])
    browser.ask("threads.update", {"thread_id": turn.thread_id, "title": title})
    browser.ask("items.feedback", {"thread_id": turn.thread_id, "item_ids": [turn.answer["id"]], "kind": "negative"})
    return turn


def test_a_person_goes_with_all_that_is_theirs(cast: Cast, browse: Browse) -> None:
    dave, other = browse().open(), browse().open()
    turn, left = talk(dave), other.say("Somebody else")
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id)
    person = thread.end_user
    EndUser.objects.for_tenant(cast.acme).filter(pk=person.pk).update(
        display_name=CANARY, email=f"{CANARY}@example.com"
    )
    owner = signed_in(cast.alice)
    owner.post(f"/admin/chat/thread/{thread.pk}/change/", {"text": f"A note on {CANARY}"})
    paths = [
        files.path_of(cast.acme.pk, one.public_id)
        for one in Attachment.objects.for_tenant(cast.acme).filter(thread=thread)
    ]
    usage = Usage.objects.for_tenant(cast.acme).count()
    assert {"accounts_enduser", "chat_thread", "chat_threaditem", "chat_attachment"} <= set(tables_with(CANARY))
    assert paths
    assert all(files.storage().exists(path) for path in paths)

    address = f"/admin/accounts/enduser/{person.pk}/delete/"
    page = owner.get(address).content.decode()
    told = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    for what in (
        "1 conversation",
        "2 thread items",
        "1 attachment",
        "1 run",
        "1 feedback",
        "1 review note",
        "1 chat session",
    ):
        assert what in told, what
    assert owner.post(address, {"post": "yes"}).status_code == 302

    assert tables_with(CANARY) == ["django_session"] or tables_with(CANARY) == []
    assert not any(files.storage().exists(path) for path in paths)
    assert refusal(dave.post("threads.list")) == (401, "session_invalid")
    assert other.items(left.thread_id)
    rows = Usage.objects.for_tenant(cast.acme)
    assert (rows.count(), rows.filter(end_user="").count()) == (usage, 1)
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="enduser.delete")
    assert (event.target_type, event.target_id, event.before, event.after) == ("enduser", person.public_id, {}, {})


def test_a_conversation_goes_and_its_person_stays(cast: Cast, browse: Browse, provider: Provider) -> None:
    """Also while an answer is being written in it."""
    dave = browse().open("model")
    provider.will_say("One")
    kept = dave.say("Kept")
    hold = Hold()
    provider.will_say("One", hold, "two")
    owner = signed_in(cast.alice)
    with dave.saying(f"I am {CANARY}") as stream:
        stream.until_text("One")
        run = Run.objects.for_tenant(cast.acme).select_related("thread").get(public_id=stream.run_id)
        assert "Delete conversation" in owner.get(f"/admin/chat/thread/{run.thread_id}/change/").content.decode()
        address = f"/admin/chat/thread/{run.thread_id}/delete/"
        assert "thread items" in owner.get(address).content.decode()
        assert owner.post(address, {"post": "yes"}).status_code == 302
        hold.release()
        stream.rest()
    assert [row["id"] for row in dave.ask("threads.list")["data"]] == [kept.thread_id]
    assert not Run.objects.for_tenant(cast.acme).filter(pk=run.pk).exists()
    assert tables_with(CANARY) == []
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="thread.delete")
    assert (event.target_id, event.actor) == (run.thread.public_id, cast.alice.email)
    # Nobody deletes what they ticked in a list without having read what goes with it.
    chosen = {"action": "delete_selected", "_selected_action": [run.end_user_id], "post": "yes"}
    owner.post("/admin/accounts/enduser/", chosen)
    assert EndUser.objects.for_tenant(cast.acme).filter(pk=run.end_user_id).exists()


def test_what_is_below_a_person_is_found_by_the_keys_of_the_tables() -> None:
    """A new table that points at people, or at what is theirs, is counted and goes along."""
    names = {model.__name__ for model in below(EndUser)}
    assert names == {
        "ActionToken", "Attachment", "ChatSession", "Feedback", "ReviewNote", "Run", "RunTrace", "Thread", "ThreadItem",
    }  # fmt: skip
    assert ChatSession not in below(Thread)
