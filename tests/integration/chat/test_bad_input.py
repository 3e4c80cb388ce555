"""Whatever is sent: a documented refusal that repeats nothing, and a server that goes on."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Browse, StartServer
from tests.support.browsing import JSON, Browser, items_of, message, refusal
from tests.support.cast import Cast

SECRET = "SENTINEL-a8f3"


@pytest.fixture
def dave(browse: Browse) -> Iterator[Browser]:
    browser = browse().open()
    yield browser
    assert browser.say("still there?").text  # the server and the session survive each of these


def send(browser: Browser, body: bytes) -> httpx.Response:
    return browser.http.post(browser.url, content=body, headers=JSON)


def op(kind: str, **params: Any) -> bytes:
    return json.dumps({"type": kind, "params": params}).encode()


def nested(depth: int) -> bytes:
    result = b"[" * depth + b"]" * depth
    return b'{"type":"threads.add_client_tool_output","params":{"thread_id":"thr_x","result":%b}}' % result


BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "invalid_json"),
    "cut": (b'{"type": "threads.list", "params"', "invalid_json"),
    "no JSON": (SECRET.encode(), "invalid_json"),
    "no UTF-8": (b'{"type": "\xff\xfe"}', "invalid_json"),
    "a lone surrogate": (b'{"type":"threads.list","params":{"after":"\\ud800"}}', "invalid_json"),
    "two objects": (op("threads.list") * 2, "invalid_json"),
    "open brackets": (b"[" * 40_000, "invalid_json"),
    "deeper than anybody means": (nested(5_000), "invalid_json"),
    "null": (b"null", "invalid_request"),
    "a list": (b"[1]", "invalid_request"),
    "a number": (b"1e999", "invalid_request"),
    "a text": (json.dumps(SECRET).encode(), "invalid_request"),
    "no type": (b'{"params":{}}', "unknown_operation"),
    "an unknown type": (json.dumps({"type": SECRET, "params": {}}).encode(), "unknown_operation"),
    "a type that is no text": (b'{"type":["threads.list"],"params":{}}', "unknown_operation"),
    "an operation of some later client": (b'{"type":"threads.stop","params":{}}', "unknown_operation"),
    "no params": (b'{"type":"threads.list"}', "invalid_request"),
    "params that are null": (b'{"type":"threads.list","params":null}', "invalid_request"),
    "metadata that is no object": (b'{"type":"threads.list","params":{},"metadata":[1]}', "invalid_request"),
    "an order that is none": (op("threads.list", order=SECRET), "invalid_request"),
    "a limit that is none": (op("threads.list", limit=SECRET), "invalid_request"),
    "a limit of NaN": (b'{"type":"threads.list","params":{"limit":NaN}}', "invalid_request"),
    "an id that is a list": (op("threads.get_by_id", thread_id=[SECRET]), "invalid_request"),
    "no thread": (op("threads.get_by_id"), "invalid_request"),
    "a message without attachments": (op("threads.create", input={"content": []}), "invalid_request"),
    "a message of a number": (op("threads.create", input=message("x") | {"content": 5}), "invalid_request"),
    "a part of an unknown kind": (
        op("threads.create", input=message("x") | {"content": [{"type": SECRET}]}),
        "invalid_request",
    ),
    "an empty message": (op("threads.create", input=message("")), "invalid_request"),
    "a message of spaces": (op("threads.create", input=message(" \n\t ")), "invalid_request"),
    "a message without parts": (op("threads.create", input=message("") | {"content": []}), "invalid_request"),
    "a long message": (op("threads.create", input=message("x" * 32_001)), "too_large"),
    "a long quote": (op("threads.create", input=message("x", quoted_text="y" * 32_000)), "too_large"),
    "many parts": (
        op("threads.create", input=message("x") | {"content": [{"type": "input_text", "text": "x"}] * 51}),
        "too_large",
    ),
    "many attachments": (op("threads.create", input=message("x", attachments=["atc_x"] * 11)), "too_large"),
    "a heavy tag": (
        op(
            "threads.create",
            input=message("x")
            | {"content": [{"type": "input_tag", "id": "t", "text": "t", "data": {"x": "y" * 9_000}}]},
        ),
        "too_large",
    ),
    "a million parts": (op("threads.create", input=message("x") | {"content": [1] * 500_000}), "too_large"),
    "a million lists": (op("threads.list").replace(b"{}", b'{"metadata":[' + b"[]," * 600_000 + b"1]}"), "too_large"),
    "many wrong parts": (op("threads.create", input=message("x") | {"content": [1] * 40_000}), "invalid_request"),
    "a heavy result": (op("threads.add_client_tool_output", thread_id="thr_x", result="x" * 300_000), "too_large"),
    "a heavy action": (
        op("threads.custom_action", thread_id="thr_x", action={"type": "x", "payload": {"x": "y" * 300_000}}),
        "too_large",
    ),
    "an unknown thread": (op("threads.get_by_id", thread_id=SECRET), "not_found"),
    "an id with NUL": (op("threads.get_by_id", thread_id="thr_\0"), "not_found"),
    "an id like a path": (op("threads.get_by_id", thread_id="../../etc/passwd"), "not_found"),
    "an endless id": (op("threads.get_by_id", thread_id="thr_" + "a" * 100_000), "not_found"),
    "an id like SQL": (op("threads.delete", thread_id="' OR 1=1 --"), "not_found"),
    "a huge number": (
        b'{"type":"threads.add_client_tool_output","params":{"thread_id":"thr_x","result":1%b}}' % (b"0" * 400),
        "invalid_request",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused_by_its_code(dave: Browser, name: str) -> None:
    body, code = BODIES[name]
    response = send(dave, body)
    assert refusal(response)[1] == code
    assert SECRET not in response.text


def test_a_body_of_two_megabytes_is_too_large(dave: Browser) -> None:
    body = b" " * (2 * 1024 * 1024 + 1)
    assert refusal(send(dave, body)) == (413, "too_large")

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * 1024 * 1024

    response = dave.http.post(dave.url, content=chunks(), headers=JSON)
    assert refusal(response) == (413, "too_large")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_a_form_is_refused_whatever_is_in_it(dave: Browser, kind: str) -> None:
    response = dave.http.post(dave.url, content=b"%=&" * 100, headers=JSON | {"Content-Type": kind})
    assert refusal(response) == (415, "json_required")


def test_who_asks_is_checked_before_what_is_asked(browse: Browse) -> None:
    stranger = browse()
    for body in (b"{", op("threads.list"), op("threads.list", limit="x"), op("threads.list", after="x" * 2_000)):
        assert refusal(send(stranger, body)) == (401, "session_missing")


def test_a_long_request_is_answered_as_a_short_one(dave: Browser) -> None:
    turn = dave.say("hello")
    short, long = op("threads.list"), op("threads.list") + b" " * 2_000
    assert send(dave, short).json() == send(dave, long).json()
    assert send(dave, long).json()["data"][0]["id"] == turn.thread_id


@pytest.mark.parametrize("path", ["/api/chatkit/session", "/api/chatkit/refresh"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", ""),
        (b"{", "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"[]", "invalid_request"),
        (b"null", "invalid_request"),
        (b'{"tenant": 5}', "invalid_request"),
        (b'{"tenant": ["acme"]}', "invalid_request"),
        (b'{"tenant": "\\ud800"}', "invalid_json"),
        (b'{"surprise": 1}', "invalid_request"),
        (b"[" * 10_000, "invalid_json"),
        (b" " * 20_000, "too_large"),
    ],
)
def test_the_session_routes_refuse_bad_bodies_too(dave: Browser, path: str, body: bytes, code: str) -> None:
    response = dave.http.post(f"{path}?tenant=acme", content=body, headers=JSON)
    if code:
        assert refusal(response)[1] == code
    else:
        assert response.status_code in (200, 400)  # an empty body names nothing, which a refresh does not need


def test_an_unknown_credential_is_refused(dave: Browser) -> None:
    assert refusal(dave.mint(credential="header")) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["threads.list", "items.list", "threads.retry_after_item", "items.feedback"])
@pytest.mark.parametrize("spoilt", ["a\0b", "", "é" * 1_000, "msg_" + "x" * 100_000])
def test_cursors_and_item_ids_of_any_shape_are_merely_unknown(dave: Browser, kind: str, spoilt: str) -> None:
    turn = dave.say("hello")
    params = {"thread_id": turn.thread_id, "after": spoilt, "item_id": spoilt, "item_ids": [spoilt], "kind": "positive"}
    response = dave.post(kind, params)
    if kind in ("threads.list", "items.list"):
        assert response.json() == {"data": [], "has_more": False}
    else:
        assert refusal(response) == (404, "not_found")


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "\u00b2", "\u0663", "9" * 30, "1;2", "%00"])
def test_a_position_that_is_no_number_is_refused(dave: Browser, after: str) -> None:
    turn = dave.say("hello")
    response = dave.http.get(f"/api/chatkit/runs/{turn.run_id}/events?after={after}&tenant=acme")
    if after == "":
        assert response.status_code == 200  # as if it were not there
    else:
        assert refusal(response) == (400, "invalid_request")


@pytest.mark.parametrize("run_id", ["x", "run_unknown", "run_%00", "%C3%A9", "run_" + "a" * 5_000, "'--"])
def test_a_run_that_cannot_exist_is_not_found(dave: Browser, run_id: str) -> None:
    assert refusal(dave.http.get(f"/api/chatkit/runs/{run_id}/events?tenant=acme")) == (404, "not_found")
    assert refusal(dave.cancel(run_id)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/chatkit", "POST"),
        ("PUT", "/api/chatkit", "POST"),
        ("OPTIONS", "/api/chatkit", "POST"),
        ("GET", "/api/chatkit/session", "POST, DELETE"),
        ("GET", "/api/chatkit/refresh", "POST"),
        ("POST", "/api/chatkit/runs/run_x/events", "GET"),
        ("GET", "/api/chatkit/runs/run_x/cancel", "POST"),
    ],
)
def test_another_method_is_refused(dave: Browser, method: str, path: str, allowed: str) -> None:
    response = dave.http.request(method, path)
    assert refusal(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == allowed


def test_text_with_nul_and_half_emoji_is_kept_readable(dave: Browser) -> None:
    turn = dave.say("A\0B \U0001f97e")
    assert turn.question["content"][0]["text"].startswith("A")
    stored = dave.items(turn.thread_id)[0]
    assert stored["content"][0]["text"] == "A\N{REPLACEMENT CHARACTER}B \U0001f97e"


@pytest.mark.parametrize(
    "result", [2**63, 1e308, 1e20, None, [], "", {"a\0": "b\0"}, {"": None}, [[[[[[1]]]]]], "\u2028\u202e"]
)
def test_a_tool_may_answer_any_json(dave: Browser, result: Any) -> None:
    turn = dave.say("Which page am I on?")
    with dave.stream("threads.add_client_tool_output", {"thread_id": turn.thread_id, "result": result}) as stream:
        frames = stream.rest()
    assert items_of(frames, "assistant_message"), frames
    assert [frame for frame in frames if frame["type"] == "error"] == []


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_a_number_that_nobody_can_store_is_refused(dave: Browser, number: int) -> None:
    tag = {"type": "input_tag", "id": "t", "text": "Order", "data": {"number": number}, "interactive": False}
    assert refusal(dave.post("threads.create", {"input": message("x") | {"content": [tag]}}))[1] == "invalid_request"
    action = {"thread_id": "thr_x", "action": {"type": "x", "payload": {"number": number}}}
    assert refusal(dave.post("threads.custom_action", action))[1] == "invalid_request"


def test_page_context_of_any_shape_is_ignored_where_it_makes_no_sense(dave: Browser) -> None:
    objects: list[Any] = [{"title": 5, "headings": {"a": 1}}, {"url": ["x"], "headings": [1, None, "H"]}]
    for page in (None, 5, [], "x", *objects):
        assert dave.say("hello", metadata={"page": page}).text
    assert dave.say("hello", metadata={"page": {"title": "x" * 100_000, "selection": "a\0b"}}).text


def test_an_unexpected_failure_tells_nothing(start_server: StartServer, browse: Browse, cast: Cast) -> None:
    """The server's own class breaks; DEBUG is off."""
    server = start_server(
        DEBUG="false", HTTPS="false", ALLOWED_HOSTS="127.0.0.1", CHATKIT_SERVER="tests.support.own_servers.Broken"
    )
    dave = browse(server=server).open()
    response = dave.post("threads.list")
    assert refusal(response) == (500, "internal")
    assert SECRET not in response.text + server.log
    frames = dave.say("hello").frames
    assert frames[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert SECRET not in json.dumps(frames) + server.log
    assert "RuntimeError" in server.log
