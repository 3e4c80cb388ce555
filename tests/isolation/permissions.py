"""How each action of `tenants.permissions` is tried over HTTP.  A new action needs a probe here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Block, EndUser, User
from chat.models import Document, KnowledgeBase, KnowledgeSource, Run, Thread
from chatplatform.lib.ids import new_id
from tenants.models import (
    Assistant,
    AuditEvent,
    Domain,
    Embed,
    EmbedSigningKey,
    HttpTool,
    Invitation,
    McpServer,
    Membership,
    ProviderKey,
    Quota,
    SignIn,
    Tenant,
    Usage,
)
from tenants.permissions import Action
from tests.support.panel import TOOL


@dataclass(frozen=True)
class Probe:
    """``ask`` does it in ``tenant``; ``status`` is the answer to whoever may, everybody else is refused with 403.

    ``in_all``: staff does it looking at all tenants.
    """

    ask: Callable[[Client, Tenant], Any]
    status: int = 200
    in_all: bool = False


def _get(path: str) -> Callable[[Client, Tenant], Any]:
    return lambda client, tenant: client.get(path)


def _post(path: str) -> Callable[[Client, Tenant], Any]:
    return lambda client, tenant: client.post(path)


def _change_tenant(client: Client, tenant: Tenant) -> Any:
    return client.post(f"/admin/tenants/tenant/{tenant.pk}/change/", {"name": "Renamed", "access": "members"})


def _add_tool(client: Client, tenant: Tenant) -> Any:
    return client.post("/admin/tenants/httptool/add/", TOOL)


def _add_key(client: Client, tenant: Tenant) -> Any:
    return client.post("/admin/tenants/providerkey/add/", {"provider": "groq", "new_secret": "sk-0123456789abcdef"})


def _add_source(client: Client, tenant: Tenant) -> Any:
    source = {"name": "New", "kind": "text", "audience": "everybody", "content": "x", "is_enabled": "on"}
    return client.post("/admin/chat/knowledgesource/add/", {**source, "max_depth": 2, "max_pages": 9, "sync_hours": 0})


def _document(tenant: Tenant) -> Document:
    source = KnowledgeSource.objects.create(
        tenant=tenant, public_id=new_id("knowledge_source"), name=f"Source of {tenant.slug}", kind="files"
    )
    return Document.objects.create(
        tenant=tenant,
        source=source,
        public_id=new_id("document"),
        key=tenant.slug,
        title=f"Document of {tenant.slug}",
        mime="text/plain",
        seen_at=timezone.now(),
    )


def _add_embed(client: Client, tenant: Tenant) -> Any:
    assistant, _ = Assistant.objects.for_tenant(tenant).get_or_create(
        tenant=tenant, slug="embedded", defaults={"name": "Embedded"}
    )
    posted = {"name": "Shop", "assistant": assistant.pk, "identity": "none", "position": "right", "greeting_seconds": 5}
    return client.post(
        "/admin/tenants/embed/add/", {**posted, "allowed_origins": "https://a.example\r\nhttps://b.example"}
    )


def _change_user(client: Client, tenant: Tenant) -> Any:
    pk = User.objects.get(email="somebody@platform.example").pk
    return client.post(f"/admin/accounts/user/{pk}/change/", {"name": "Renamed", "is_active": "on"})


def _thread(tenant: Tenant) -> tuple[Thread, Run]:
    """A conversation with an answer; the same one each time."""
    if (known := Run.objects.for_tenant(tenant).select_related("thread__assistant").first()) is not None:
        return known.thread, known
    now = timezone.now()
    assistant = Assistant.objects.create(tenant=tenant, slug=f"of-{tenant.slug}", name=f"Assistant of {tenant.slug}")
    person = EndUser.objects.create(tenant=tenant, public_id=f"eu_{tenant.slug}", kind=EndUser.Kind.ANONYMOUS)
    thread = Thread.objects.create(
        tenant=tenant,
        assistant=assistant,
        end_user=person,
        public_id=f"thr_{tenant.slug}",
        title=f"Thread of {tenant.slug}",
        created_at=now,
        updated_at=now,
    )
    run = Run.objects.create(
        tenant=tenant,
        thread=thread,
        end_user=person,
        public_id=f"run_{tenant.slug}",
        lease_expires_at=now,
        created_at=now,
    )
    return thread, run


def _save_draft(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/tenants/assistant/{thread.assistant_id}/draft/", {"provider": "offline"})


def _add_note(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/chat/thread/{thread.pk}/change/", {"text": "A note"})


def _lock(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/chat/thread/{thread.pk}/state/", {"state": "locked"})


def _look_into(client: Client, tenant: Tenant) -> Any:
    thread, run = _thread(tenant)
    return client.get(f"/admin/chat/thread/{thread.pk}/runs/{run.public_id}/")


def _invite(client: Client, tenant: Tenant) -> Any:
    return client.post("/admin/tenants/invitation/add/", {"email": "new@example.com", "role": "viewer"})


def _add_sign_in(client: Client, tenant: Tenant) -> Any:
    posted = {"name": "Company", "issuer": "https://login.example", "client_id": "x", "new_secret": "0123456789abcdef"}
    return client.post("/admin/tenants/signin/add/", posted)


def _open_sign_in(client: Client, tenant: Tenant) -> Any:
    row = SignIn(tenant=tenant, name="Company", issuer="https://login.example", client_id="x")
    row.set_secret("0123456789abcdef")
    row.save()
    return client.get(f"/admin/tenants/signin/{row.pk}/change/")


def _suspend_end_user(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/accounts/enduser/{thread.end_user_id}/suspend/", {"reason": "Other"})


def _delete_end_user(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/accounts/enduser/{thread.end_user_id}/delete/", {"post": "yes"})


def _delete_thread(client: Client, tenant: Tenant) -> Any:
    thread, _run = _thread(tenant)
    return client.post(f"/admin/chat/thread/{thread.pk}/delete/", {"post": "yes"})


def _transfer(client: Client, tenant: Tenant) -> Any:
    user = User.objects.create_user("heir@example.com")
    heir = Membership.objects.create(tenant=tenant, user=user, role=Membership.Role.VIEWER)
    return client.post(f"/admin/tenants/membership/{heir.pk}/transfer/")


def _impersonate(client: Client, tenant: Tenant) -> Any:
    user = User.objects.create_user("looked-at@example.com")
    member = Membership.objects.create(tenant=tenant, user=user, role=Membership.Role.VIEWER)
    return client.post(f"/admin/tenants/membership/{member.pk}/impersonate/", {"reason": "A test"})


PROBES: dict[Action, Probe] = {
    Action.TENANT_VIEW: Probe(lambda client, tenant: client.get(f"/admin/tenants/tenant/{tenant.pk}/change/")),
    Action.TENANT_CHANGE: Probe(_change_tenant, 302),
    Action.TENANT_SUSPEND: Probe(
        lambda client, tenant: client.post(f"/admin/tenants/tenant/{tenant.pk}/status/", {"reason": "A test"}), 302
    ),
    Action.TENANT_CREATE: Probe(
        lambda client, tenant: client.post(
            "/admin/tenants/tenant/add/", {"name": "Initech", "slug": "initech", "access": "members"}
        ),
        302,
        in_all=True,
    ),
    Action.PLAN_VIEW: Probe(_get("/admin/tenants/quota/")),
    Action.PLAN_CHANGE: Probe(
        lambda client, tenant: client.post("/admin/tenants/quota/add/", {"plan": "Small", "answers_per_day": 9}), 302
    ),
    Action.AUDIT_VIEW: Probe(_get("/admin/tenants/auditevent/")),
    Action.AUDIT_EXPORT: Probe(_post("/admin/tenants/auditevent/export/")),
    Action.DOMAINS_VIEW: Probe(_get("/admin/tenants/domain/")),
    Action.DOMAINS_CHANGE: Probe(
        lambda client, tenant: client.post("/admin/tenants/domain/add/", {"host": "chat.new.example"}), 302
    ),
    Action.SIGN_IN_VIEW: Probe(_open_sign_in),
    Action.SIGN_IN_CHANGE: Probe(_add_sign_in, 302),
    Action.MEMBERS_VIEW: Probe(_get("/admin/tenants/membership/")),
    Action.MEMBERS_CHANGE: Probe(_invite, 302),
    Action.MEMBERS_IMPERSONATE: Probe(_impersonate, 302),
    Action.TENANT_TRANSFER: Probe(_transfer, 302),
    Action.END_USERS_VIEW: Probe(_get("/admin/accounts/enduser/")),
    Action.END_USERS_SUSPEND: Probe(_suspend_end_user, 302),
    Action.END_USERS_DELETE: Probe(_delete_end_user, 302),
    Action.TOOLS_VIEW: Probe(_get("/admin/tenants/httptool/")),
    Action.TOOLS_CHANGE: Probe(_add_tool, 302),
    Action.KNOWLEDGE_VIEW: Probe(_get("/admin/chat/document/progress/?id=1")),
    Action.KNOWLEDGE_CHANGE: Probe(_add_source, 302),
    Action.EMBEDS_VIEW: Probe(_get("/admin/tenants/embed/")),
    Action.EMBEDS_CHANGE: Probe(_add_embed, 302),
    Action.ASSISTANTS_VIEW: Probe(_get("/admin/tenants/assistant/")),
    Action.ASSISTANTS_CHANGE: Probe(_save_draft, 302),
    Action.CONVERSATIONS_VIEW: Probe(_get("/admin/chat/thread/")),
    Action.CONVERSATIONS_REVIEW: Probe(_add_note, 302),
    Action.CONVERSATIONS_STATE: Probe(_lock, 302),
    Action.CONVERSATIONS_EXPORT: Probe(_post("/admin/chat/thread/export/")),
    Action.CONVERSATIONS_DELETE: Probe(_delete_thread, 302),
    Action.RUNS_DEBUG: Probe(_look_into),
    Action.KEYS_VIEW: Probe(_get("/admin/tenants/providerkey/")),
    Action.KEYS_CHANGE: Probe(_add_key, 302),
    Action.USAGE_VIEW: Probe(_get("/admin/tenants/usage/")),
    Action.PLATFORM_AUDIT_VIEW: Probe(_get("/admin/tenants/platformevent/")),
    Action.USERS_VIEW: Probe(_get("/admin/accounts/user/")),
    Action.USERS_CHANGE: Probe(_change_user, 302),
}


def rows_of(tenant: Tenant) -> dict[type[Any], Any]:
    """One row of every model that has a page, with the tenant's slug in all its words."""
    user = User.objects.create_user(f"somebody@{tenant.slug}.example", name=f"Somebody of {tenant.slug}")
    document = _document(tenant)
    thread, _run = _thread(tenant)
    embed = Embed.objects.create(tenant=tenant, name=f"Embed of {tenant.slug}", assistant=thread.assistant)
    return {
        KnowledgeSource: document.source,
        Document: document,
        KnowledgeBase: KnowledgeBase.objects.create(tenant=tenant),
        Tenant: tenant,
        Embed: embed,
        EmbedSigningKey: EmbedSigningKey.objects.create(
            tenant=tenant, embed=embed, key_id=f"of-{tenant.slug}", algorithm="HS256", secret="x"
        ),
        Domain: Domain.objects.create(tenant=tenant, host=f"chat.{tenant.slug}.example"),
        Invitation: Invitation.objects.create(
            tenant=tenant,
            email=f"invited@{tenant.slug}.example",
            token_hash=tenant.slug.encode(),
            expires_at=timezone.now(),
        ),
        Membership: Membership.objects.create(tenant=tenant, user=user, role=Membership.Role.VIEWER),
        Thread: thread,
        EndUser: thread.end_user,
        Block: Block.objects.create(
            tenant=tenant,
            kind=Block.Kind.COOKIE,
            end_user=thread.end_user,
            reason=f"Of {tenant.slug}",
            expires_at=timezone.now() + timedelta(days=1),
        ),
        Assistant: thread.assistant,
        HttpTool: HttpTool.objects.create(tenant=tenant, name=f"tool_{tenant.slug}", url_template="https://x.example/"),
        McpServer: McpServer.objects.create(tenant=tenant, name=tenant.slug, url=f"https://{tenant.slug}.example/mcp"),
        ProviderKey: ProviderKey.store(
            tenant.pk, "groq", f"sk-0123456789abcdef-{tenant.slug}", f"https://{tenant.slug}.example/v1"
        ),
        AuditEvent: AuditEvent.objects.create(
            tenant=tenant, actor_kind="system", action="x", target_id=f"of {tenant.slug}"
        ),
        SignIn: SignIn.objects.create(
            tenant=tenant,
            name=f"Company {tenant.slug}",
            issuer=f"https://{tenant.slug}.example",
            client_id="x",
            secret="x",
        ),
        Quota: Quota.objects.create(tenant=tenant, plan=f"Plan of {tenant.slug}"),
        Usage: Usage.objects.create(
            tenant=tenant,
            run=f"run_{tenant.slug}",
            provider="groq",
            model=f"model-{tenant.slug}",
            requests=1,
            input_tokens=1,
            cached_tokens=0,
            output_tokens=1,
            reasoning_tokens=0,
            total_ms=1,
            outcome="completed",
            created_at=timezone.now(),
        ),
    }
