"""Browsers that sign in by the provider of acme, without a page of that provider."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from tenants.models import AuditEvent
from tenants.scope import cross_tenant
from tests.support.identity_provider import IdentityProvider

START, CALLBACK = "/t/acme/sign-in/", "/t/acme/sign-in/callback/"


def way_there(client: Client, path: str = START, **fields: str) -> str:
    """The address at the provider to which the browser is led."""
    page = client.post(path, fields).content.decode()
    (address,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    return unescape(address)


def way_back(address: str, provider: IdentityProvider) -> str:
    """What the provider sends the browser back to, without the host."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    parts = urlsplit(provider.authorize(asked))
    return f"{parts.path}?{parts.query}"


def sign_in(provider: IdentityProvider, client: Client | None = None, path: str = START, **fields: str) -> Client:
    client = client or Client()
    client.get(way_back(way_there(client, path, **fields), provider))
    return client


def mint(client: Client, tenant: str) -> Any:
    """Open a chat session."""
    body = {"tenant": tenant, "credential": "client_secret"}
    return client.post("/api/chatkit/session", body, "application/json", headers={"origin": "http://testserver"})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def refusal(provider: IdentityProvider) -> tuple[str, str]:
    """Code and reason in the audit trail of one that was not let in."""
    client = Client()
    response = client.get(way_back(way_there(client), provider))
    assert not is_in(client)
    assert response.status_code >= 400
    assert "You are not signed in" in response.content.decode()
    with cross_tenant("whatever tenant it was"):
        event = AuditEvent.objects.latest("pk")
    assert event.action == "login.company_refused"
    return event.after["code"], event.after["why"]
