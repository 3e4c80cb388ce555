"""The chats of a person: many of them, old ones, and what one does to keep them in order."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import EndUser
from chat.models import Thread, ThreadItem
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, Tenant
from tests.e2e.chat import Chat

MANY = 200


@pytest.fixture
def threads(demo: dict[str, Tenant], chat: Chat, eventually: Callable[..., Any]) -> list[Thread]:
    """Two hundred chats of whoever has `chat` open, four of them on each day, the newest last."""
    acme = demo["acme"]
    owner = eventually(lambda: EndUser.objects.for_tenant(acme).first())
    assistant = Assistant.objects.for_tenant(acme).get()
    ages = [timedelta(days=number // 4) for number in reversed(range(MANY))]
    return Thread.objects.bulk_create(
        Thread(
            tenant=acme,
            end_user=owner,
            assistant=assistant,
            public_id=new_id("thread"),
            title=f"Chat {number}",
            created_at=timezone.now() - age,
            updated_at=timezone.now() - age,
        )
        for number, age in enumerate(ages, 1)
    )


def write(thread: Thread, question: str, answer: str) -> None:
    for kind, part, text in (
        ("user_message", "input_text", question),
        ("assistant_message", "output_text", answer),
    ):
        data: dict[str, Any] = {
            "id": new_id("message"),
            "type": kind,
            "thread_id": thread.public_id,
            "created_at": thread.created_at.isoformat(),
            "content": [{"type": part, "text": text}],
        }
        if kind == "user_message":
            data |= {"attachments": [], "inference_options": {}}
        ThreadItem.objects.create(
            tenant=thread.tenant,
            thread=thread,
            public_id=data["id"],
            type=kind,
            data=data,
            created_at=thread.created_at,
        )


def test_it_brings_older_chats_as_one_scrolls(threads: list[Thread], chat: Chat) -> None:
    history = chat.open_history()
    titles = chat.entries.get_by_role("button", name=re.compile("^Chat "))
    expect(titles.first).to_have_text("Chat 200")
    expect(history.get_by_role("heading", name="Yesterday")).to_be_visible()
    assert titles.count() < MANY / 2
    chats = history.get_by_role("region", name="Chats")
    seen = 0
    while (now := titles.count()) < MANY:
        assert now > seen, "Scrolling to the end brought nothing."
        seen = now
        chats.evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(titles.nth(now)).to_be_attached()
    assert titles.all_inner_texts() == [thread.title for thread in reversed(threads)]


def test_it_opens_an_old_chat_and_goes_back_to_a_new_one(threads: list[Thread], chat: Chat) -> None:
    write(threads[-3], "Which tent?", "The **green** one.")
    chat.open_history()
    chat.entry("Chat 198").click()
    expect(chat.history).to_be_hidden()
    expect(chat.questions).to_have_text(["Which tent?"])
    expect(chat.answer.get_by_role("strong")).to_have_text("green")
    assert chat.thread_id == threads[-3].public_id

    chat.start_anew()
    expect(chat.greeting).to_be_visible()
    expect(chat.questions).to_have_count(0)
    assert "thread=" not in chat.page.url


def test_it_goes_on_with_an_old_chat(threads: list[Thread], chat: Chat) -> None:
    write(threads[0], "Which tent?", "The green one.")
    chat.open(f"/t/acme/?thread={threads[0].public_id}")
    expect(chat.answer).to_contain_text("The green one.")
    expect(chat.ask("What did I say first?")).to_contain_text("Before this, you said: Which tent?")


def test_it_renames_a_chat(threads: list[Thread], chat: Chat, eventually: Callable[..., Any]) -> None:
    chat.open_history()
    chat.choose("Chat 199", "Rename")
    title = chat.history.get_by_role("textbox", name="Title of the chat")
    expect(title).to_be_focused()
    title.fill("  Boots for Ada ")
    title.press("Enter")
    expect(chat.entry("Boots for Ada")).to_be_visible()
    expect(chat.entry("Chat 199")).to_have_count(0)
    eventually(lambda: Thread.objects.for_tenant(threads[0].tenant).get(pk=threads[-2].pk).title == "Boots for Ada")


def test_it_leaves_a_title_as_it_was_on_escape(threads: list[Thread], chat: Chat) -> None:
    chat.open_history()
    chat.choose("Chat 199", "Rename")
    chat.history.get_by_role("textbox").fill("Never mind")
    chat.page.keyboard.press("Escape")
    expect(chat.entry("Chat 199")).to_be_visible()
    expect(chat.history).to_be_visible()
    assert not Thread.objects.for_tenant(threads[0].tenant).filter(title="Never mind").exists()


def test_it_deletes_a_chat_when_one_is_sure(threads: list[Thread], chat: Chat, eventually: Callable[..., Any]) -> None:
    chat.open_history()
    chat.choose("Chat 200", "Delete")
    sure = chat.history.get_by_role("group", name="Delete this chat?")
    sure.get_by_role("button", name="Cancel").click()
    expect(chat.entry("Chat 200")).to_be_visible()

    chat.choose("Chat 200", "Delete")
    sure.get_by_role("button", name="Delete").click()
    expect(chat.entry("Chat 200")).to_have_count(0)
    expect(chat.entry("Chat 199")).to_be_visible()
    eventually(lambda: Thread.objects.for_tenant(threads[0].tenant).count() == MANY - 1)


def test_it_shows_the_start_when_the_open_chat_is_deleted(chat: Chat) -> None:
    chat.ask("Goodbye")
    chat.open_history()
    chat.choose("Goodbye", "Delete")
    chat.history.get_by_role("group").get_by_role("button", name="Delete").click()
    expect(chat.history.get_by_text("Your conversations will appear here.")).to_be_visible()
    chat.history.get_by_role("button", name="Close").click()
    expect(chat.greeting).to_be_visible()
    expect(chat.questions).to_have_count(0)


def test_it_finds_one_of_two_hundred(chat: Chat, threads: list[Thread]) -> None:
    chat.open_history()
    search = chat.history.get_by_role("searchbox", name="Search chats")
    search.fill("chat 17")
    expect(chat.entries).to_have_count(12)  # 17, 117, and 170 to 179: the oldest of them was not loaded yet
    expect(chat.entry(threads[16].title or "")).to_be_visible()
    search.fill("nothing of the kind")
    expect(chat.history.get_by_role("status")).to_have_text("No chat matches.")
