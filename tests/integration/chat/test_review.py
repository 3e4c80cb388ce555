"""Looking into conversations in the admin panel: the list, one conversation, notes, files, and one answer."""

import csv
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from chat.admin.exports import inert
from chat.models import Feedback, ReviewNote, Run, RunTrace, Thread, ThreadItem
from chat.stores import word_search
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, Membership, Usage
from tenants.permissions import Role
from tenants.scope import cross_tenant, tenant_scope
from tests.conftest import Browse
from tests.support.cast import Cast, member_of
from tests.support.documents import png
from tests.support.panel import person

LIST = "/admin/chat/thread/"


def conversation(cast: Cast, words: str, assistant: Assistant | None = None, **values: Any) -> Thread:
    """One with a question, an answer and a run."""
    assistant = assistant or cast.guide
    person: Any = cast.visitor()
    if assistant.tenant_id != person.tenant_id:
        person = type(person).objects.create(tenant=assistant.tenant, public_id=new_id("end_user"), kind="anonymous")
    now = timezone.now()
    given: dict[str, Any] = {
        "tenant": assistant.tenant,
        "end_user": person,
        "assistant": assistant,
        "public_id": new_id("thread"),
        "title": words,
        "created_at": now,
        "updated_at": now,
    }
    thread: Thread = Thread.objects.create(**(given | values))  # type: ignore[misc]
    run = Run.objects.create(
        tenant=assistant.tenant,
        thread=thread,
        end_user=person,
        public_id=new_id("run"),
        state="completed",
        lease_expires_at=now,
        created_at=now,
    )
    for kind, said in (("user_message", words), ("assistant_message", "Certainly.")):
        item_id = new_id("message")
        data: dict[str, Any] = {
            "id": item_id,
            "thread_id": thread.public_id,
            "created_at": "2026-01-01T00:00:00.000Z",
            "type": kind,
        }
        part = {"type": "input_text" if kind == "user_message" else "output_text", "text": said}
        data["content"] = [part | ({"annotations": []} if kind == "assistant_message" else {})]
        ThreadItem.objects.create(
            tenant=assistant.tenant, thread=thread, run=run, public_id=item_id, type=kind, data=data, created_at=now
        )
    return thread


@pytest.fixture
def alice(browse: Browse, cast: Cast) -> httpx.Client:
    """Owns acme, whose conversations she reviews."""
    return browse(cast.alice).http


def titles(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    rows = response.text.split('<td class="studio-title">')[1:]
    return [unescape(row.split(">", 1)[1].split("</a>")[0]) for row in rows]


def test_the_list_finds_by_what_is_asked(alice: httpx.Client, cast: Cast) -> None:
    conversation(cast, "Wasserdichte Stiefel")
    old = conversation(cast, "Tents <script>", created_at=timezone.now() - timedelta(days=40), status="closed")
    second = conversation(cast, "Maps", cast.second, metadata={"waiting_for_human": {"reason": "x"}})
    conversation(cast, "Stiefel of globex", cast.ledger)
    item = ThreadItem.objects.for_tenant(cast.acme).filter(thread=old, type="assistant_message").get()
    Feedback.objects.create(tenant=cast.acme, item=item, end_user=old.end_user, kind="negative")
    Run.objects.for_tenant(cast.acme).filter(thread=second).update(state="failed")
    today = timezone.now().date()
    asked = {
        "": ["Maps", "Tents <script>", "Wasserdichte Stiefel"],
        "q=stiefel": ["Wasserdichte Stiefel"],
        "q=certainly -maps": ["Maps", "Tents <script>", "Wasserdichte Stiefel"],
        "q=tenant:1 or globex": [],
        f"assistant={cast.second.pk}": ["Maps"],
        "state=waiting": ["Maps"],
        "state=closed": ["Tents <script>"],
        "state=open": ["Wasserdichte Stiefel"],
        "feedback=negative": ["Tents <script>"],
        "feedback=positive": [],
        "outcome=failed": ["Maps"],
        f"since={today}": ["Maps", "Wasserdichte Stiefel"],
        f"until={today - timedelta(days=30)}": ["Tents <script>"],
        # What cannot be is not asked for, and breaks nothing.
        f"assistant={cast.ledger.pk}": ["Maps", "Tents <script>", "Wasserdichte Stiefel"],
        "state=x&since=y&before=-1&q=%00": ["Maps", "Tents <script>", "Wasserdichte Stiefel"],
    }
    assert {query: titles(alice.get(f"{LIST}?{query}")) for query in asked} == asked


def test_pages_go_by_key_and_count_nothing(alice: httpx.Client, cast: Cast) -> None:
    for number in range(51):
        conversation(cast, f"No {number}")
    first = alice.get(LIST)
    assert titles(first) == [f"No {number}" for number in range(50, 0, -1)]
    older = unescape(first.text.split('rel="next" href="')[1].split('"')[0])
    assert titles(alice.get(f"{LIST}{older}")) == ["No 0"]


def test_a_search_reads_the_index_of_words(cast: Cast, db: None) -> None:
    conversation(cast, "Boots")
    with tenant_scope(cast.acme), connection.cursor() as cursor:
        # Among so many that no other way to them is as short.
        cursor.execute(
            "INSERT INTO chat_threaditem (tenant_id, thread_id, public_id, type, is_hidden, data, created_at) "
            "SELECT tenant_id, thread_id, 'msg_' || number, type, false, '{}', created_at "
            "FROM chat_threaditem, generate_series(1, 5000) AS number WHERE type = 'user_message'"
        )
        cursor.execute("ANALYZE chat_threaditem")
    with CaptureQueriesContext(connection) as captured, tenant_scope(cast.acme):
        assert word_search.search("boots", cast.acme.pk).threads
    step = next(query["sql"] for query in captured if "hits" in query["sql"])
    with tenant_scope(cast.acme), connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {step}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "Bitmap Index Scan on threaditem_found" in plan


def test_staff_searches_all_tenants_from_the_newest_block_on(
    browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when keys are far apart; a search that ends early says so, and goes on from there."""
    sequence = "pg_get_serial_sequence('chat_threaditem', 'id')"
    far = f"SELECT setval({sequence}, nextval({sequence}) + 99999)"
    for words, assistant in (("Boots, old", cast.guide), ("Boots of globex", cast.ledger), ("Boots, new", cast.guide)):
        conversation(cast, words, assistant)
        with connection.cursor() as cursor:
            cursor.execute(far)
    staff = browse(person(Role.STAFF, cast.acme)).http
    assert titles(staff.get(f"{LIST}?q=boots")) == ["Boots, new", "Boots of globex", "Boots, old"]
    assert titles(staff.get(f"{LIST}?q=globex")) == ["Boots of globex"]
    monkeypatch.setattr(word_search, "MOST_HITS", 2)
    with cross_tenant("a test"):
        first = word_search.search("boots", None)
        rest = word_search.search("boots", None, first.until)
    assert (len(first.threads), len(rest.threads), rest.until) == (2, 1, 0)
    monkeypatch.setattr(word_search, "PATIENCE", 0)
    with cross_tenant("a test"):
        nothing = word_search.search("tents", None)
    assert nothing.until > 0
    page = staff.get(f"{LIST}?q=boots&back={first.until}")
    assert titles(page) == ["Boots, old"]


def test_a_conversation_is_shown_as_it_was_and_inert(browse: Browse, cast: Cast, alice: httpx.Client) -> None:
    visitor = browse().open()
    picture = visitor.upload("note.txt", b"hello", "text/plain")["id"]
    turn = visitor.say("Show me the contact form </script>", attachments=[picture])
    thread = Thread.objects.for_tenant(cast.acme).get()
    page = alice.get(f"{LIST}{thread.pk}/change/")
    assert page.status_code == 200
    shown = json.loads(page.text.split('id="chatkit-viewer" type="application/json">')[1].split("</script>")[0])
    assert [item["id"] for item in shown["items"]] == [item["id"] for item in visitor.items(turn.thread_id)]
    assert shown["run"] is None
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_notes_are_for_those_who_review(browse: Browse, cast: Cast, alice: httpx.Client) -> None:
    thread = conversation(cast, "Boots")
    address = f"{LIST}{thread.pk}/change/"
    token = alice.get(address).text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = {"csrfmiddlewaretoken": token, "text": "=cmd <b>Follow up</b>"}
    assert alice.post(address, data=sent).status_code == 302
    assert "&lt;b&gt;Follow up&lt;/b&gt;" in alice.get(address).text
    note = ReviewNote.objects.for_tenant(cast.acme).get()
    assert (note.author, note.thread_id) == (cast.alice, thread.pk)
    assert alice.post(address, data={**sent, "text": ""}).status_code == 200
    viewer = browse(member_of(cast.acme, "victor", Membership.Role.VIEWER)).http
    assert "Add note" not in viewer.get(address).text
    assert ReviewNote.objects.for_tenant(cast.acme).count() == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("hi;=cmd|' /C calc'!A0;", "hi;'=cmd|' /C calc'!A0;"),
        ("hi\n=1+1", "hi\n'=1+1"),
        ("a\t +1", "a\t '+1"),
        ("-1", "'-1"),
        ("one-two = three; four", "one-two = three; four"),
    ],
)
def test_no_cell_within_a_cell_is_a_formula(said: str, kept: str) -> None:
    assert inert(said) == kept


def test_files_hold_what_was_found_and_no_formula(alice: httpx.Client, cast: Cast) -> None:
    conversation(cast, '=HYPERLINK("https://evil.example")')
    conversation(cast, "Maps")
    conversation(cast, "Secrets of globex", cast.ledger)
    assert alice.get(f"{LIST}export/?format=csv").status_code == 405  # no image may ask for it
    token = alice.get(LIST).text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = {"csrfmiddlewaretoken": token, "format": "csv"}
    response = alice.post(f"{LIST}export/?q=hyperlink", data=sent)
    assert response.headers["content-disposition"] == 'attachment; filename="conversations.csv"'
    rows = list(csv.DictReader(response.text.splitlines()))
    assert [row["text"] for row in rows] == ['\'=HYPERLINK("https://evil.example")', "Certainly."]
    assert {row["title"][0] for row in rows} == {"'"}
    taken = alice.post(f"{LIST}export/", data={**sent, "format": "jsonl"})
    lines = [json.loads(line) for line in taken.text.splitlines()]
    assert [line["title"] for line in lines] == ["Maps", '=HYPERLINK("https://evil.example")']
    assert [item["type"] for item in lines[0]["items"]] == ["user_message", "assistant_message"]


def test_an_answer_is_shown_with_what_made_it(alice: httpx.Client, cast: Cast) -> None:
    thread = conversation(cast, "Boots")
    run = Run.objects.for_tenant(cast.acme).get(thread=thread)
    address = f"{LIST}{thread.pk}/runs/{run.public_id}/"
    assert "No trace was kept" in alice.get(address).text
    steps = [{"kind": "model", "at": 1, "ended": 9, "instructions": "Be <i>brief</i>.", "input": [], "tools": []}]
    steps.append({"kind": "tool", "at": 2, "ended": 3, "name": "calculator", "arguments": "6*7", "result": "42"})
    events = [[4, {"type": "thread.item.done", "item": {"type": "assistant_message"}}]]
    RunTrace.objects.create(
        tenant=cast.acme, run=run, context={"page": {"title": "</script><b>"}}, steps=steps, events=events
    )
    used = Usage.objects.create(
        tenant=cast.acme, run=run.public_id, provider="offline", requests=1, input_tokens=3, cached_tokens=0,
        output_tokens=5, reasoning_tokens=0, total_ms=898, outcome="completed", created_at=run.created_at,
    )  # fmt: skip
    assert "<dt>First token</dt><dd>none</dd>" in alice.get(address).text
    used.first_token_ms = 120
    with tenant_scope(cast.acme):
        used.save()
    page = alice.get(address)
    for shown in (
        "<dt>First token</dt><dd>after 120 ms</dd>",
        "<dt>Took</dt><dd>898 ms</dd>",
        "Be &lt;i&gt;brief&lt;/i&gt;.",
        "calculator",
        "6*7",
        "42",
        "4 ms",
        "Untrusted",
        "&lt;/script&gt;&lt;b&gt;",
    ):
        assert shown in page.text
    foreign = Run.objects.for_tenant(cast.globex).get(thread=conversation(cast, "x", cast.ledger))
    for other in (foreign.public_id, new_id("run"), "x" * 500):
        assert alice.get(f"{LIST}{thread.pk}/runs/{other}/").status_code == 404


def test_files_of_a_conversation_open_by_the_login_and_by_no_link(
    browse: Browse, cast: Cast, alice: httpx.Client
) -> None:
    dave, carol = browse().open(), browse(cast.carol).http
    sent = [dave.upload("a.png", png(), "image/png")["id"], dave.upload("notes.txt", b"Notes")["id"]]
    turn = dave.say("Look", attachments=sent)
    sessions.revoke(dave.token)
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id)
    page = unescape(alice.get(f"{LIST}{thread.pk}/change/").text)
    assert "signature=" not in page
    (preview,) = set(re.findall(rf'"preview_url": ?"http://[^/"]+({LIST}[^"]+)"', page))
    shown = alice.get(preview)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    notes = f"{LIST}{thread.pk}/files/{sent[1]}/"
    download = alice.get(notes)
    assert (download.content, download.headers["content-type"]) == (b"Notes", "application/octet-stream")
    assert download.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert download.headers["content-disposition"].startswith("attachment; ")
    for address in (preview, notes):
        assert carol.get(address).status_code == 404, "another tenant's"
        assert browse().http.get(address).status_code == 302, "nobody's"
    other = conversation(cast, "Another")
    assert alice.get(f"{LIST}{other.pk}/files/{sent[1]}/").status_code == 404
    alice.cookies.delete("sessionid")
    assert alice.get(notes).status_code == 302
