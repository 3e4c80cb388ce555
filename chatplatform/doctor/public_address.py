"""The public address as a visitor's browser meets it: one session and one streamed answer by way of every proxy."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from django.templatetags.static import static

from chatplatform.doctor.database import MOST_SECONDS_APART
from chatplatform.doctor.files import CLIENT, is_there
from chatplatform.doctor.findings import Finding, error, warning
from tenants.models import Assistant, Tenant
from tenants.scope import cross_tenant

_SECONDS: Final = 60.0
#: A stream whose first byte comes so late was held back; one that is over sooner than this tells nothing.
_LATE: Final = 0.9
_SHORTEST: Final = 0.3
#: Codes of the API that tell what is wrong around it.
_TELLING: Final = {
    "asgi_required": "doctor.wsgi_served",
    "origin_refused": "doctor.origin_refused",
    "session_missing": "doctor.cookie_lost",
}
_QUESTION: Final = "Please describe yourself in about fifty words."


@dataclass(frozen=True, slots=True)
class PublicAddress:
    url: str
    tenant: str = ""

    def findings(self) -> Iterable[Finding]:
        """What is wrong, in the order in which a browser would meet it; the first thing that stops it is the last."""
        try:
            with httpx2.Client(base_url=self.url, timeout=_SECONDS, headers={"Origin": _origin_of(self.url)}) as client:
                yield from self._visit(client)
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            yield error("doctor.url_unreachable", f"{self.url}: {type(problem).__name__}: {problem}")

    def _visit(self, client: httpx2.Client) -> Iterator[Finding]:
        health = client.get("/healthz")
        if health.status_code != 200 or health.text != "ok":
            yield error("doctor.url_unreachable", f"/healthz at {self.url} answers with {health.status_code}.")
            return
        # Probes are answered under every name, and all else under ours alone.
        if client.get("/favicon.ico").status_code in (400, 421):
            yield error("doctor.host_refused")
            return
        yield from _time_of(health)
        for name in filter(is_there, CLIENT):
            asset = client.get(static(name))
            if asset.status_code != 200 or "javascript" not in asset.headers.get("content-type", ""):
                kind = asset.headers.get("content-type", "nothing")
                yield error("doctor.assets_not_served", f"{static(name)} answers with {asset.status_code}, {kind}.")
                break
        slug = self.tenant or _open_tenant()
        if not slug:
            yield warning("doctor.no_visitors")
            return
        opened = client.post("/api/chatkit/session", json={"tenant": slug})
        if opened.status_code == 201:
            yield from _answer(client, slug)
        else:
            yield _refusal(opened, "doctor.session_refused", f"A session with {slug}")


def _answer(client: httpx2.Client, slug: str) -> Iterator[Finding]:
    """Ask for an answer, measure when it comes, and take the conversation away again."""
    api = f"/api/chatkit?tenant={slug}"
    content = [{"type": "input_text", "text": _QUESTION}]
    question = {"content": content, "attachments": [], "inference_options": {}}
    began = time.monotonic()
    pieces: list[bytes] = []
    with client.stream("POST", api, json={"type": "threads.create", "params": {"input": question}}) as stream:
        if stream.status_code != 200:
            stream.read()
            yield _refusal(stream, "doctor.answer_failed", "The answer")
            return
        first = None
        for piece in stream.iter_raw():
            first = first or time.monotonic()
            pieces.append(piece)
    ended = time.monotonic()
    frames = _frames(b"".join(pieces))
    failed = next((frame for frame in frames if frame.get("type") == "error"), None)
    if failed is not None:
        yield error("doctor.answer_failed", f"The answer ended with {failed.get('platform_code', 'an error')}.")
    elif ended - began < _SHORTEST:
        yield warning("doctor.answer_too_short")
    elif (first or ended) - began > _LATE * (ended - began):
        yield error(
            "doctor.answer_held_back",
            f"The first byte of an answer came after {(first or ended) - began:.1f} of {ended - began:.1f} seconds.",
        )
    for frame in frames:
        if frame.get("type") == "thread.created":
            client.post(api, json={"type": "threads.delete", "params": {"thread_id": frame["thread"]["id"]}})
    client.request("DELETE", "/api/chatkit/session", json={"tenant": slug})


def _refusal(response: httpx2.Response, otherwise: str, what: str) -> Finding:
    """What an answer that is none says of the installation."""
    code = _code_of(response)
    if code in _TELLING:
        return error(_TELLING[code])
    return error(otherwise, f"{what}: {response.status_code} {code}".rstrip() + ".")


def _time_of(response: httpx2.Response) -> Iterator[Finding]:
    """Whoever says the date, be it the server or its proxy, should have our time."""
    said = response.headers.get("date")
    apart = parsedate_to_datetime(said).timestamp() - time.time() if said else 0.0
    if abs(apart) > MOST_SECONDS_APART:
        yield error(
            "doctor.clock_differs", f"The public address's clock differs from this machine's by {apart:+.0f} seconds."
        )


def _open_tenant() -> str:
    """A tenant that takes visitors."""
    with cross_tenant("manage.py doctor --url"):
        found = (
            Assistant.objects.filter(
                is_default=True,
                published_version__isnull=False,
                tenant__status=Tenant.Status.ACTIVE,
                tenant__access=Tenant.Access.ANONYMOUS,
            )
            .order_by("tenant_id")
            .values_list("tenant__slug", flat=True)
            .first()
        )
    return found or ""


def _code_of(response: httpx2.Response) -> str:
    """The code of the envelope; empty where a proxy has answered."""
    try:
        return str(response.json()["error"]["code"])
    except (ValueError, LookupError, TypeError):
        return ""


def _frames(stream: bytes) -> list[dict[str, Any]]:
    lines = stream.decode("utf-8", "replace").splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
