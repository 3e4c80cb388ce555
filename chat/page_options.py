"""What a page tells the loader: `page_config()`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from chat.agents.config import read_config
from chat.attachment_rules import rules_of
from chat.client_options import client_options
from chatplatform.lib.errors import PlatformError
from tenants.models import Assistant, Embed

_API = "/api/chatkit"


def options_of(assistant: Assistant) -> dict[str, Any]:
    """The checked client options of what is published; one query for each version in the life of a process.

    Raises:
        PlatformError: ``assistant_unavailable``, when nothing is published.
    """
    if assistant.published_version_id is None:
        raise PlatformError("assistant_unavailable")
    return _version(assistant.published_version_id, assistant.tenant_id)[0]


def is_hosted(version_id: int | None, tenant_id: int) -> bool:
    """Whether OpenAI answers for a published version; False for none."""
    return version_id is not None and _version(version_id, tenant_id)[1]


@lru_cache(maxsize=1000)  # A published version never changes.
def _version(version_id: int, tenant_id: int) -> tuple[dict[str, Any], bool]:
    config = read_config(version_id, tenant_id)
    return client_options(config.client_options), bool(config.workflow)


def page_config(
    *,
    tenant: str,
    assistant: str,
    options: dict[str, Any],
    hosted: bool,
    names_tenant: bool,
    locale: str | None,
    thread: str | None,
) -> dict[str, Any]:
    """The JSON that the tag `chatkit` puts into a page.

    Args:
        options: as `options_of()` returns them.
        hosted: whether OpenAI answers; only OpenAI's client can talk to it.
        names_tenant: whether requests must name the tenant, because the host does not.
        locale: that of the reader's browser; the assistant's own goes before it.
        thread: the public id of the thread to open first.
    """
    place = {"tenant": tenant} if names_tenant else {}
    return _config(tenant, assistant, options, hosted=hosted, place=place, locale=locale, thread=thread)


def embed_config(
    embed: Embed, *, origins: list[str], options: dict[str, Any], hosted: bool, locale: str | None
) -> dict[str, Any]:
    """The same for the frame of an embed; ``origins`` are the sites that may be around it."""
    place = {"embed": embed.public_id}
    config = _config(
        embed.tenant.slug, embed.assistant.slug, options, hosted=hosted, place=place, locale=locale, thread=None
    )
    return {**config, "embed": {"id": embed.public_id, "origins": origins, "identity": embed.identity}}


def official_url() -> str:
    """Where OpenAI's client is; empty where it is never used."""
    return settings.CHATKIT_JS_URL if settings.CHATKIT_CLIENT != "open" else ""


def _config(
    tenant: str,
    assistant: str,
    options: dict[str, Any],
    *,
    hosted: bool,
    place: dict[str, str],
    locale: str | None,
    thread: str | None,
) -> dict[str, Any]:
    """``place`` is the query by which requests name the session that they belong to."""
    official = official_url()
    query = "?" + urlencode(place) if place else ""
    language = {"locale": locale} if locale and "locale" not in options else {}
    files = rules_of(options)
    if files.is_enabled:
        options = {**options, "composer": {**options["composer"], "attachments": files.for_client()}}
    # Two phases: the link to upload by works without a cookie, which OpenAI's frame does not have.
    upload = {"uploadStrategy": {"type": "two_phase"}} if files.is_enabled else {}
    return {
        "client": "openai" if hosted else settings.CHATKIT_CLIENT if official else "open",
        "hosted": hosted,
        "officialUrl": official or None,
        "openUrl": static("chatkit/client.js"),
        "readyTimeoutMs": settings.CHATKIT_READY_TIMEOUT_MS,
        "elementId": "chatkit",
        "session": {
            "url": reverse("chatkit_session"),
            "refreshUrl": reverse("chatkit_refresh"),
            "tenant": tenant,
            "assistant": assistant,
        },
        "runsUrl": f"{_API}/runs/",
        "entitiesUrl": f"{_API}/entities",
        "commandsUrl": f"{_API}/commands",
        "options": {
            **options,
            **language,
            "initialThread": thread,
            "api": {"url": f"{_API}{query}", "domainKey": settings.CHATKIT_DOMAIN_KEY or "local", **upload},
        },
        "open": {"runsUrl": f"{_API}/runs/"},
    }
