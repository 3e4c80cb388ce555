"""The chat as a person meets it: found by what a screen reader says, and by nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.support.servers import ServerProcess

expect.set_options(timeout=15_000)


@dataclass
class Chat:
    """One tab of a browser at one server.  Whatever it asks of another server is kept in `strangers`.

    ``port``, when given, is that of something between the two.
    """

    page: Page
    server: ServerProcess
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        self.strangers: list[str] = []
        self.page.on("request", self._on_request)

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        is_ours = address.port == (self.port or self.server.port) and (
            address.hostname == "127.0.0.1" or str(address.hostname).endswith(".localhost")
        )
        if not is_ours and address.scheme not in ("data", "blob"):
            self.strangers.append(request.url)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port or self.server.port}"

    # ---- where one is

    def visit(self, path: str) -> Self:
        # Not until everything is loaded: a script of another host may never be.
        self.page.goto(self.origin + path, wait_until="domcontentloaded")
        return self

    def open(self, path: str = "/t/acme/") -> Self:
        """Open a chat page, and wait until one can read and write."""
        return self.visit(path).expect_open()

    def reload(self) -> Self:
        """Load the page anew, and see what was said so far."""
        had_words = self.questions.count() > 0
        self.page.reload(wait_until="domcontentloaded")
        self.expect_open()
        if had_words:
            expect(self.questions).not_to_have_count(0)
        return self

    def expect_open(self) -> Self:
        expect(self.message).to_be_visible()
        # It is drawn together with the field, when there is something to load.
        expect(self.page.get_by_role("status").filter(has_text="Loading conversation")).to_have_count(0)
        return self

    def sign_in(self, email: str, password: str) -> Self:
        """Fill in the form of the sign-in page that is open."""
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        return self

    @property
    def thread_id(self) -> str:
        """That of the thread in the address bar; waits until there is one."""
        expect(self.page).to_have_url(re.compile(r"[?&]thread=thr_"))
        return self.page.url.partition("thread=")[2].partition("&")[0]

    @property
    def thread_path(self) -> str:
        return f"/t/acme/?thread={self.thread_id}"

    # ---- what there is to use

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def send(self) -> Locator:
        return self.button("Send message")

    @property
    def stop(self) -> Locator:
        return self.button("Stop answering")

    @property
    def greeting(self) -> Locator:
        return self.page.get_by_role("heading", name="Where does the trail lead today?")

    def problem(self, words: str) -> Locator:
        """A message about something that went wrong; the same words are also read out."""
        return self.page.get_by_role("strong").filter(has_text=words)

    # ---- the conversation

    @property
    def conversation(self) -> Locator:
        return self.page.get_by_role("region", name="Conversation")

    @property
    def questions(self) -> Locator:
        return self.page.get_by_role("group", name="You said")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_role("group", name="Answer")

    @property
    def answer(self) -> Locator:
        """The latest answer."""
        return self.answers.last

    def say(self, text: str) -> Self:
        """Write a message and send it, as with the mouse."""
        self.message.fill(text)
        self.send.click()
        return self

    def start_anew(self) -> None:
        """Leave this thread for a new one, and see it empty."""
        self.button("New chat").first.click()  # the history, while it closes, has another
        expect(self.questions).to_have_count(0)

    def ask(self, text: str) -> Locator:
        """Send a message and wait for the whole answer."""
        before = self.answers.count()
        self.say(text)
        expect(self.answers).to_have_count(before + 1)
        self.expect_rest()
        return self.answer

    def expect_rest(self) -> Self:
        """Wait until nothing is being written."""
        expect(self.send).to_be_visible()
        expect(self.stop).to_have_count(0)
        return self

    # ---- the history

    @property
    def history(self) -> Locator:
        return self.page.get_by_role("dialog", name="Chat history")

    @property
    def entries(self) -> Locator:
        """The chats in the history, by their titles."""
        return self.history.get_by_role("listitem")

    def open_history(self) -> Locator:
        self.button("Chat history").click()
        expect(self.history).to_be_visible()
        expect(self.history.locator(".entry-skeleton")).to_have_count(0)
        return self.history

    def entry(self, title: str) -> Locator:
        return self.history.get_by_role("button", name=title, exact=True)

    def choose(self, title: str, option: str) -> None:
        """Use the menu of a chat in the history."""
        self.history.get_by_role("button", name=f"Options for {title}", exact=True).click()
        self.history.get_by_role("menuitem", name=option).click()
