"""Every response of the platform carries the headers of one table, whichever part of it answers."""

import re
from collections.abc import Iterator

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat.routing import ROUTES
from chatplatform.lib.security_headers import permissions_policy
from tests.conftest import StartServer
from tests.support.browsing import message
from tests.support.cast import gather
from tests.support.servers import ServerProcess

BY_HTTPS = {"X-Forwarded-Proto": "https"}
UNKNOWN_HOST = {**BY_HTTPS, "Host": "nobody.example"}
#: Pages that other sites show in a frame name those sites instead.
FRAMED = re.compile(r"/embed/[^/]+/")


def paths_of(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """One address for each pattern of Django; what its parameters name does not exist."""
    for entry in resolver.url_patterns:
        path = prefix + re.sub(r"<int:[^>]*>", "999999", str(entry.pattern))
        path = re.sub(r"<[^>]*>", "unknown", path)
        if isinstance(entry, URLPattern):
            yield re.sub(r"\(\?P.*?\)|[\^$]", "", path) if "(?P" in path else path
        else:
            yield from paths_of(entry, path)


@pytest.fixture
def server(start_server: StartServer) -> ServerProcess:
    gather()
    return start_server(
        SECURE_HSTS_SECONDS="3600", SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto: https", PAGE_MAX_BODY_BYTES="50000"
    )


def faults_of(response: httpx.Response) -> list[str]:
    """What is missing from a response's headers, or is there twice."""
    headers = response.headers
    wanted = {
        "strict-transport-security": r"max-age=3600",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin|no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": r".*camera=\(\).*microphone=\(.*\)",
        "content-security-policy": r"default-src 'none'.*",
        "x-frame-options": "DENY",
    }
    return [
        f"{response.request.method} {response.request.url.path} {response.status_code}: {name}: {headers.get_list(name)}"
        for name, pattern in wanted.items()
        if len(headers.get_list(name)) != 1 or not re.fullmatch(pattern, headers[name])
    ]


def test_every_address_answers_with_all_headers(server: ServerProcess) -> None:
    api = {re.sub(r"\([^)]*\)", "unknown", pattern.pattern) for pattern, _method, _handler in ROUTES}
    paths = sorted(api | set(paths_of(get_resolver())))
    faults, statuses = [], set()
    with httpx.Client(base_url=server.url, headers=BY_HTTPS, follow_redirects=False) as client:
        for path in paths:
            for method in ("GET", "POST", "PATCH"):
                response = client.request(method, path)
                statuses.add(response.status_code)
                faults += faults_of(response)
    assert len(paths) > 100
    assert faults == []
    # Whatever can be refused was: a redirect, a session that is missing, a forged form, nothing there, a wrong method.
    assert {200, 302, 401, 403, 404, 405} <= statuses


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_so_do_responses_that_no_address_has(start_server: StartServer, kind: str) -> None:
    gather()
    server = start_server(
        kind=kind,
        may_log_tracebacks=True,
        SECURE_HSTS_SECONDS="3600",
        SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto: https",
        PAGE_MAX_BODY_BYTES="50000",
    )
    with httpx.Client(base_url=server.url, headers=BY_HTTPS) as client:
        asked = {
            "static file": (client.get("/static/chatkit/client.js"), 200),
            # In DEBUG ServeStatic raises an exception for it, so this is also what a fault of the platform looks like.
            "no static file": (client.get("/static/chatkit/nothing.js"), 500),
            "no page": (client.get("/nothing"), 404),
            "unknown host": (client.get("/", headers=UNKNOWN_HOST), 421),
            "unknown host of the API": (client.post("/api/chatkit", headers=UNKNOWN_HOST, json={}), 404),
            "large body of a page": (client.post("/login/", content=b"x" * 60_000), 413),
            "preflight": (client.options("/api/chatkit/attachments/unknown/content"), 204),
            "no origin": (client.post("/api/chatkit", json={}), 403),
        }
        stream = start_of_stream(client)
    assert {name: answer.status_code for name, (answer, _status) in asked.items()} == {
        name: status for name, (_answer, status) in asked.items()
    }
    assert [
        fault for answer in [stream, *(answer for answer, _status in asked.values())] for fault in faults_of(answer)
    ] == []


def start_of_stream(client: httpx.Client) -> httpx.Response:
    secret = client.post("/api/chatkit/session", json={"tenant": "acme", "credential": "client_secret"}).json()[
        "client_secret"
    ]
    question = {"type": "threads.create", "params": {"input": message("Hello")}}
    response = client.post("/api/chatkit", json=question, headers={"Authorization": f"Bearer {secret}"})
    assert response.headers["content-type"] == "text/event-stream"
    return response


def test_browsers_are_told_to_insist_on_https_by_https_alone(server: ServerProcess) -> None:
    for path in ("/", "/api/chatkit", "/static/chatkit/client.js"):
        assert "strict-transport-security" not in httpx.get(f"{server.url}{path}").headers


def test_pages_with_a_chat_may_hear_and_no_others(start_server: StartServer) -> None:
    gather()
    server = start_server(CHATKIT_CLIENT="open")
    assert httpx.get(f"{server.url}/t/acme/").headers["permissions-policy"] == permissions_policy("self")
    assert httpx.get(f"{server.url}/login/").headers["permissions-policy"] == permissions_policy()
    with_official = start_server(CHATKIT_CLIENT="openai")
    policy = httpx.get(f"{with_official.url}/t/acme/").headers["permissions-policy"]
    assert policy.endswith('microphone=(self "https://cdn.platform.openai.com")')
