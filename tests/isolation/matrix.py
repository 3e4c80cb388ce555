"""The matrix: every door of the platform, and what each kind of person finds behind it.

A row that names things names alice's.  To everybody else they must look exactly like things that do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from chatplatform.lib.ids import new_id
from tests.support.browsing import Browser, items_of, message


@dataclass(frozen=True)
class Things:
    """The ids of what alice has; or ids of nothing."""

    thread: str
    question: str
    answer: str
    widget: str
    run: str
    attachment: str
    announced: str

    @classmethod
    def of(cls, alice: Browser) -> Things:
        """A conversation with everything in it; its newest item waits for the browser."""
        turn = alice.say("Show me a card with my SECRET-of-alice")
        (widget,) = items_of(turn.frames, "widget")
        alice.say("Which page am I on?", turn.thread_id)
        attachment = alice.upload("secret.txt", b"SECRET-of-alice", "text/plain")["id"]
        announced = alice.ask("attachments.create", {"name": "later.txt", "size": 2, "mime_type": "text/plain"})["id"]
        return cls(
            turn.thread_id, turn.question["id"], turn.answer["id"], widget["id"], turn.run_id, attachment, announced
        )

    @classmethod
    def unknown(cls) -> Things:
        kinds = ("thread", "message", "message", "message", "run", "attachment", "attachment")
        return cls(*(new_id(kind) for kind in kinds))


@dataclass(frozen=True)
class Row:
    """One door.  ``others`` is what people with a session of their own get; without a session it is 401, unless ``nobody`` says."""

    ask: Callable[[Browser, Things], httpx.Response]
    owner: int = 200
    others: int = 404
    nobody: int = 401


def _op(kind: str, params: Callable[[Things], dict[str, Any]], *, owner: int = 200, others: int = 404) -> Row:
    return Row(lambda browser, things: browser.post(kind, params(things)), owner, others)


def _thread(things: Things) -> dict[str, Any]:
    return {"thread_id": things.thread}


#: ChatKit's operations: name -> row, or several for one operation with a word behind it.
OPERATIONS: dict[str, Row] = {
    "threads.create": _op("threads.create", lambda it: {"input": message("Mine")}, others=200),
    "threads.list": _op("threads.list", lambda it: {}, others=200),
    "threads.list after a thread": _op("threads.list", lambda it: {"after": it.thread}, others=200),
    "threads.get_by_id": _op("threads.get_by_id", _thread),
    "threads.update": _op("threads.update", lambda it: {**_thread(it), "title": "Changed"}),
    "threads.add_user_message": _op(
        "threads.add_user_message", lambda it: {**_thread(it), "input": message("From whom?")}
    ),
    "threads.add_client_tool_output": _op(
        "threads.add_client_tool_output", lambda it: {**_thread(it), "result": {"title": "x", "url": "x"}}
    ),
    "threads.retry_after_item": _op("threads.retry_after_item", lambda it: {**_thread(it), "item_id": it.question}),
    "threads.custom_action": _op(
        "threads.custom_action",
        lambda it: {**_thread(it), "item_id": it.widget, "action": {"type": "x", "payload": {}}},
        owner=409,
    ),
    "threads.sync_custom_action": _op(
        "threads.sync_custom_action",
        lambda it: {**_thread(it), "item_id": it.widget, "action": {"type": "x", "payload": {}}},
        owner=409,
    ),
    "threads.add_structured_input": _op(
        "threads.add_structured_input",
        lambda it: {**_thread(it), "item_id": it.question, "input": {"status": "skipped", "answers": {}}},
        owner=409,
    ),
    "items.list": _op("items.list", _thread),
    "items.list after an item": _op("items.list", lambda it: {**_thread(it), "after": it.question}),
    "items.feedback": _op("items.feedback", lambda it: {**_thread(it), "item_ids": [it.answer], "kind": "negative"}),
    "threads.create with an attachment": _op(
        "threads.create", lambda it: {"input": message("Look", attachments=[it.attachment])}
    ),
    "attachments.create": _op(
        "attachments.create", lambda it: {"name": "x", "size": 1, "mime_type": "text/plain"}, others=200
    ),
    "attachments.delete": _op("attachments.delete", lambda it: {"attachment_id": it.attachment}),
    "input.transcribe": _op(
        # The offline assistant has no ears.
        "input.transcribe",
        lambda it: {"audio_base64": "AA==", "mime_type": "audio/webm"},
        owner=501,
        others=501,
    ),
    "threads.delete": _op("threads.delete", _thread),
}


def _content(browser: Browser, attachment: str) -> str:
    return f"/api/chatkit/attachments/{attachment}/content?tenant={browser.tenant}"


def _get(browser: Browser, path: str) -> httpx.Response:
    return browser.http.get(f"/api/chatkit/{path}&tenant={browser.tenant}")


#: The streaming API: path as in `chat.routing.ROUTES`, with a word behind it where there are several methods -> row.
ROUTES: dict[str, Row] = {
    r"/api/chatkit/runs/([^/]+)/events": Row(
        lambda browser, it: browser.http.get(f"/api/chatkit/runs/{it.run}/events?tenant={browser.tenant}")
    ),
    r"/api/chatkit/runs/([^/]+)/cancel": Row(lambda browser, it: browser.cancel(it.run), owner=202),
    "/api/chatkit/attachments": Row(lambda browser, it: browser.upload_response("x.txt", b"x"), owner=201, others=201),
    r"/api/chatkit/attachments/([^/]+)/content": Row(
        lambda browser, it: browser.http.get(_content(browser, it.attachment))
    ),
    r"/api/chatkit/attachments/([^/]+)/content PUT": Row(
        lambda browser, it: browser.http.put(_content(browser, it.announced), content=b"hi")
    ),
    r"/api/chatkit/entities": Row(lambda browser, it: _get(browser, "entities?q=SECRET"), others=200),
    r"/api/chatkit/entities/([^/]+)/([^/]+)/preview": Row(
        lambda browser, it: _get(browser, f"entities/conversation/{it.thread}/preview?")
    ),
    r"/api/chatkit/commands": Row(lambda browser, it: _get(browser, "commands?q="), others=200),
}

#: Django's addresses that show or change something of a person: pattern -> row.
PAGES: dict[str, Row] = {
    "api/chatkit/session": Row(lambda browser, it: browser.mint(), owner=201, others=201, nobody=201),
    "api/chatkit/refresh": Row(lambda browser, it: browser.refresh(), others=200),
}


@dataclass(frozen=True)
class Elsewhere:
    """Why an address has no row here."""

    reason: str
    paths: list[str] = field(default_factory=list)


NO_ROW = [
    Elsewhere("Its rows are ChatKit's operations.", ["/api/chatkit"]),
    Elsewhere(
        "It says the same of every name, and opens nothing: test_attachments.py.",
        [r"/api/chatkit/attachments/([^/]+)/content OPTIONS"],
    ),
    Elsewhere("It says the same to everybody.", ["healthz", "readyz", "favicon.ico", "embed.js", "api/<path:rest>"]),
    Elsewhere("It is for whoever watches the installation: test_health.py tries to come in.", ["metrics"]),
    Elsewhere("It takes a password, and tests of its own attack it.", ["login/", "login/code/", "logout/"]),
    Elsewhere(
        "It shows and changes nothing but the login that is signed in: test_second_factor.py and test_passwords.py.",
        [
            "account/",
            "account/app/",
            "account/app/remove/",
            "account/codes/",
            "account/codes/download/",
            "account/codes/new/",
            "account/confirm/",
            "account/confirm/code/",
            "account/password/",
        ],
    ),
    Elsewhere(
        "Its link is the credential: test_invitations.py and test_passwords.py try every kind of person.",
        [
            "invitations/",
            "password/reset/",
            "password/reset/done/",
            "password/reset/link/",
            "password/reset/sent/",
            "password/reset/new/<str:uidb36>/",
        ],
    ),
    Elsewhere(
        "It plays the site of a demo, in DEBUG alone, with a key that everybody knows: test_embed.py.",
        ["demo/site/", "demo/site/token/"],
    ),
    Elsewhere(
        "It believes what a tenant's provider says of somebody: test_company_sign_in.py plays every provider that lies.",
        ["t/<slug:slug>/sign-in/", "t/<slug:slug>/sign-in/callback/"],
    ),
    Elsewhere("It ends what this browser began: test_impersonation.py.", ["impersonation/end/"]),
    Elsewhere("Only platform staff comes in: test_admin.py tries every address.", ["admin/"]),
    Elsewhere(
        "A document belongs to a tenant, not to a person: test_document_pages.py tries every kind of person.",
        ["t/<slug:slug>/documents/<str:document_id>/"],
    ),
    Elsewhere(
        "It says the same to every browser, and test_embeds.py tries with every kind of embed.",
        ["embed/<str:public_id>/", "embed/<str:public_id>/config"],
    ),
    Elsewhere("Whose page it is, test_pages.py tries with every kind of person.", ["", "t/<slug:slug>/"]),
]
