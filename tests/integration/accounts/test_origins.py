"""A request that carries cookies comes from our own page and is JSON; nothing else may use somebody's session."""

import httpx
import pytest

from tests.conftest import Browse, StartServer
from tests.support.browsing import Browser, refusal
from tests.support.cast import Cast

LIST = {"type": "threads.list", "params": {}}


def write(browser: Browser, path: str, headers: dict[str, str], method: str = "POST") -> httpx.Response:
    body = LIST if path == "/api/chatkit" else {}
    return browser.http.request(method, f"{path}?tenant=acme", json=body, headers=headers)


WRITES = [
    ("POST", "/api/chatkit"),
    ("POST", "/api/chatkit/refresh"),
    ("DELETE", "/api/chatkit/session"),
    ("POST", "/api/chatkit/runs/run_x/cancel"),
]
EVERYWHERE = pytest.mark.parametrize(("method", "path"), WRITES)


@EVERYWHERE
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://{own}",
        "http://{own}.evil.example",
        "http://evil.example/{own}",
        "http://{own}/",
        "{own}",
        "",
        "*",
    ],
)
def test_another_origin_is_refused(browse: Browse, method: str, path: str, origin: str) -> None:
    dave = browse().open()
    given = origin.format(own=dave.origin.removeprefix("http://"))
    assert refusal(write(dave, path, {"Origin": given}, method)) == (403, "origin_refused")


@EVERYWHERE
def test_no_origin_is_refused(browse: Browse, method: str, path: str) -> None:
    dave = browse().open()
    del dave.http.headers["Origin"]
    assert refusal(write(dave, path, {}, method)) == (403, "origin_refused")


def test_a_mint_from_another_origin_is_refused(browse: Browse, cast: Cast) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        for browser in (browse(), browse(cast.alice)):
            for credential in ("cookie", "client_secret"):
                body = {"tenant": "acme", "credential": credential}
                response = browser.http.post("/api/chatkit/session", json=body, headers=headers)
                assert refusal(response) == (403, "origin_refused")


def test_another_page_cannot_turn_somebodys_login_into_a_secret(browse: Browse, cast: Cast) -> None:
    alice = browse(cast.alice)
    del alice.http.headers["Origin"]
    assert refusal(alice.mint(credential="client_secret")) == (403, "origin_refused")


def test_another_page_cannot_follow_somebodys_answer(browse: Browse) -> None:
    dave = browse().open()
    turn = dave.say("hello")
    url = f"/api/chatkit/runs/{turn.run_id}/events?tenant=acme"
    assert refusal(dave.http.get(url, headers={"Origin": "https://evil.example"})) == (403, "origin_refused")


FORMS = {
    "text/plain": b"{}",
    "application/x-www-form-urlencoded": b"a=1",
    "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    "": b"{}",
    "application/jsonp": b"{}",
}


@pytest.mark.parametrize("path", ["/api/chatkit", "/api/chatkit/session", "/api/chatkit/refresh"])
@pytest.mark.parametrize("kind", FORMS)
def test_what_a_form_can_send_is_refused(browse: Browse, path: str, kind: str) -> None:
    dave = browse().open()
    response = dave.http.post(f"{path}?tenant=acme", content=FORMS[kind], headers={"Content-Type": kind})
    assert refusal(response) == (415, "json_required")


def test_a_charset_is_welcome(browse: Browse) -> None:
    dave = browse().open()
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    body = b'{"type": "threads.list", "params": {}}'
    assert dave.http.post(dave.url, content=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [*WRITES, ("POST", "/api/chatkit/session"), ("GET", "/api/chatkit/runs/run_x/events"), ("OPTIONS", "/api/chatkit")],
)
def test_no_answer_invites_other_origins(browse: Browse, method: str, path: str) -> None:
    dave = browse().open()
    response = write(dave, path, {"Origin": "https://evil.example"}, method)
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.status_code >= 400


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_the_origin_follows_the_host_that_the_browser_asked_for(
    server_with: StartServer, browse: Browse, cast: Cast, kind: str
) -> None:
    server = server_with(kind=kind)
    acme = browse(server=server, host="acme.localhost").open()
    assert acme.post("threads.list").status_code == 200
    shared = f"http://127.0.0.1:{server.port}"
    assert refusal(write(acme, "/api/chatkit", {"Origin": shared})) == (403, "origin_refused")


@pytest.mark.parametrize("path", ["/api/chatkit", "/api/chatkit/session", "/api/chatkit/refresh"])
def test_hosts_that_are_not_ours_are_refused(browse: Browse, path: str) -> None:
    response = write(browse().open(), path, {"Host": "evil.example", "Origin": "http://evil.example"})
    assert refusal(response) == (404, "not_found")
