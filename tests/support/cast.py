"""The people of the tests: alice owns acme, bob works there, carol belongs to globex, and dave is whoever walks in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import identity, sessions
from accounts.models import EndUser, User
from chat.context import ChatContext
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, AssistantVersion, Domain, Membership, Tenant
from tenants.versions import publish_first

#: Files are taken by every assistant of the cast.
OPTIONS = {"composer": {"attachments": {"enabled": True}}}
ALL_TOOLS = (
    "ask_human",
    "ask_questions",
    "calculator",
    "contact_form",
    "current_time",
    "packing_list",
    "page_title",
    "rename_thread",
    "search_threads",
    "show_summary",
    "widget_gallery",
)


@dataclass(frozen=True)
class Cast:
    """Two tenants and the people in them.

    acme takes anybody and has three assistants: ``guide`` (the default) and ``second`` are offline, ``model`` asks the provider of
    the installation.  globex takes only members, and its only assistant is ``ledger``.
    """

    acme: Tenant
    globex: Tenant
    guide: Assistant
    second: Assistant
    model: Assistant
    ledger: Assistant
    alice: User
    bob: User
    carol: User

    def context(self, who: User | EndUser, assistant: Assistant) -> ChatContext:
        """The context of a request that this person sends to this assistant, over a session that was really opened."""
        if isinstance(who, User):
            who = identity.end_user_for(tenant=assistant.tenant, user=who, token="")
        issued = sessions.issue(end_user=who, assistant=assistant, origin="")
        return ChatContext(session=sessions.verify(issued.token), request_id=new_id("request"))

    def visitor(self) -> EndUser:
        """One more dave."""
        return EndUser.objects.create(tenant=self.acme, public_id=new_id("end_user"), kind=EndUser.Kind.ANONYMOUS)


@transaction.atomic
def gather() -> Cast:
    """Insert everybody."""
    acme = Tenant.objects.create(slug="acme", name="Acme", access=Tenant.Access.ANONYMOUS)
    globex = Tenant.objects.create(slug="globex", name="Globex", access=Tenant.Access.MEMBERS)
    for tenant in (acme, globex):
        Domain.objects.create(
            tenant=tenant, host=f"{tenant.slug}.localhost", is_primary=True, verified_at=timezone.now()
        )
    return Cast(
        acme=acme,
        globex=globex,
        guide=assistant_of(acme, "guide", is_default=True),
        second=assistant_of(acme, "second"),
        model=assistant_of(
            acme,
            "model",
            provider=AssistantVersion.Provider.OPENAI_COMPATIBLE,
            model_options={"reads_images": True},
        ),
        ledger=assistant_of(globex, "ledger", is_default=True),
        alice=member_of(acme, "alice", Membership.Role.OWNER),
        bob=member_of(acme, "bob", Membership.Role.OPERATOR),
        carol=member_of(globex, "carol", Membership.Role.OWNER),
    )


def assistant_of(tenant: Tenant, slug: str, *, is_default: bool = False, **version: Any) -> Assistant:
    """An assistant with one published version."""
    assistant = Assistant.objects.create(tenant=tenant, slug=slug, name=slug.title(), is_default=is_default)
    content: dict[str, Any] = {"instructions": f"You are {slug}.", "tools": list(ALL_TOOLS), "client_options": OPTIONS}
    publish_first(assistant, **content | version)
    return assistant


def member_of(tenant: Tenant, name: str, role: str) -> User:
    user = User.objects.create(email=f"{name}@{tenant.slug}.example", name=name.title(), password=f"!{name}")
    Membership.objects.create(tenant=tenant, user=user, role=role)
    return user
