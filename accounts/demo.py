"""The demo: two tenants that differ in brand, words and access, with people in every role.  Exists only in DEBUG."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from tenants import versions
from tenants.models import Assistant, Domain, Embed, EmbedSigningKey, Membership, Tenant
from tenants.scope import tenant_scope

#: The short name of each tenant's only assistant.
SLUG = "guide"
#: The password of every demo account.
PASSWORD = "demo-password"  # noqa: S105 - public on purpose
#: The shop of another origin that shows acme's assistant (`chat.views.demo_site`), with the key that its server signs with.
SITE = "Shop"
SITE_KEY_ID = "demo"
SITE_SECRET = "a secret of the demo, which everybody may know"  # noqa: S105
CUSTOMERS = {"ada": "Ada Customer", "ben": "Ben Customer"}
STAFF = ("staff@chatplatform.localhost", "Sam Staff")
ALL_TOOLS = [
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
]


@dataclass(frozen=True)
class DemoTenant:
    """One tenant of the demo, with its only assistant and its members (role -> name)."""

    slug: str
    name: str
    access: str
    assistant: str
    instructions: str
    options: dict[str, Any]
    people: dict[str, str] = field(default_factory=dict)
    tools: list[str] = field(default_factory=lambda: ALL_TOOLS)

    def email(self, role: str) -> str:
        return f"{role}@{self.slug}.localhost"


DEMO = (
    DemoTenant(
        slug="acme",
        name="Acme Outdoor",
        access=Tenant.Access.ANONYMOUS,
        assistant="Acme Guide",
        instructions="You are the guide of Acme Outdoor, a shop for hiking equipment. Be friendly and brief.",
        options={
            "theme": {
                "radius": "round",
                "color": {"accent": {"primary": "#15803d", "level": 1}, "grayscale": {"hue": 140, "tint": 2}},
            },
            "header": {"title": {"text": "Acme Guide"}},
            "startScreen": {
                "greeting": "Where does the trail lead today?",
                "prompts": [
                    {"label": "What can you do?", "prompt": "Help me: what can you do?", "icon": "sparkle"},
                    {"label": "How do returns work?", "prompt": "How long can I return boots?", "icon": "book-open"},
                    {"label": "Tell me a story", "prompt": "Tell me a long story.", "icon": "notebook"},
                    {
                        "label": "Pack for me",
                        "prompt": "Make a packing list for the mountains, 3 days.",
                        "icon": "suitcase",
                    },
                    {"label": "Rename this chat", "prompt": "Rename this chat to My next trip", "icon": "write"},
                    {"label": "Show every widget", "prompt": "Show every widget.", "icon": "square-image"},
                    {"label": "Contact us", "prompt": "Show me the contact form.", "icon": "mail"},
                    {"label": "Ask me some questions", "prompt": "Ask me some questions.", "icon": "circle-question"},
                ],
            },
            "composer": {
                "placeholder": "Ask about boots, tents and trails",
                "attachments": {"enabled": True},
                "tools": [
                    {"id": "packing_list", "label": "Packing list", "icon": "suitcase"},
                    {"id": "search_threads", "label": "Search my chats", "icon": "search"},
                ],
            },
            "entities": {"showComposerMenu": True},
            "commands": {"enabled": True},
            "disclaimer": {"text": "Acme Guide can be wrong. Check before you climb."},
            "history": {"enabled": True, "showDelete": True, "showRename": True},
            "threadItemActions": {"feedback": True, "retry": True},
        },
        people={"owner": "Olivia Owner", "admin": "Adam Admin", "operator": "Otto Operator", "viewer": "Vera Viewer"},
        # `make run` teaches it examples/knowledge/acme.
        tools=[*ALL_TOOLS, "search_documents"],
    ),
    DemoTenant(
        slug="globex",
        name="Globex Finance",
        access=Tenant.Access.MEMBERS,
        assistant="Globex Desk",
        instructions="You are the internal help desk of Globex Finance. Be precise and formal.",
        options={
            "theme": {
                "radius": "soft",
                "density": "compact",
                "color": {"accent": {"primary": "#4338ca", "level": 2}, "grayscale": {"hue": 250, "tint": 3}},
            },
            "header": {"title": {"text": "Globex Desk"}},
            "startScreen": {
                "greeting": "Good day. What may I look into?",
                "prompts": [
                    {"label": "Compute 12 * (3 + 4)", "prompt": "Compute 12 * (3 + 4)", "icon": "analytics"},
                    {"label": "Summarise this conversation", "prompt": "Show me a summary card.", "icon": "notebook"},
                    {"label": "Show me some code", "prompt": "Show me some code.", "icon": "square-code"},
                ],
            },
            "composer": {
                "placeholder": "Describe your request",
                "attachments": {"enabled": True, "maxCount": 3, "maxSize": 5_000_000},
            },
            "entities": {"showComposerMenu": False},
            "commands": {"enabled": True},
            "history": {"enabled": True, "showDelete": True, "showRename": True},
            "threadItemActions": {"feedback": True, "retry": True},
        },
        people={"owner": "Gina Owner", "admin": "Gustav Admin", "operator": "Greta Operator", "viewer": "Gil Viewer"},
    ),
)


@transaction.atomic
def seed(port: str = "") -> None:
    """Create the tenants of the demo that are missing.  One that is there stays as people have made it since.

    Args:
        port: where the platform is, and under its other name the shop that shows it; without one there is no shop.
    """
    _person(*STAFF, is_staff=True, is_superuser=True)
    for demo in DEMO:
        tenant, is_new = Tenant.objects.get_or_create(
            slug=demo.slug, defaults={"name": demo.name, "access": demo.access}
        )
        with tenant_scope(tenant):
            if is_new:
                _fill(tenant, demo)
            if port and demo is DEMO[0]:
                _open_shop(tenant, port)


def _open_shop(tenant: Tenant, port: str) -> None:
    """Under the port of now, which may be another one each time, beside the sites that people have added."""
    assistant = Assistant.objects.for_tenant(tenant).filter(slug=SLUG).first()
    if assistant is None:
        return
    values = {"assistant": assistant, "identity": Embed.Identity.OPTIONAL, "launcher_text": "Ask us"}
    embed, _ = Embed.objects.for_tenant(tenant).get_or_create(tenant=tenant, name=SITE, defaults=values)
    own = [f"http://{name}:{port}" for name in ("localhost", "127.0.0.1")]
    embed.allowed_origins += [origin for origin in own if origin not in embed.allowed_origins]
    embed.save(update_fields=["allowed_origins"])
    if not EmbedSigningKey.objects.for_tenant(tenant).filter(embed=embed, key_id=SITE_KEY_ID).exists():
        key = EmbedSigningKey(tenant=tenant, embed=embed, key_id=SITE_KEY_ID, algorithm="HS256")
        key.set_secret(SITE_SECRET)
        key.save()


def _fill(tenant: Tenant, demo: DemoTenant) -> None:
    Domain.objects.create(tenant=tenant, host=f"{demo.slug}.localhost", is_primary=True, verified_at=timezone.now())
    for role, name in demo.people.items():
        Membership.objects.create(tenant=tenant, user=_person(demo.email(role), name), role=role)
    assistant = Assistant.objects.create(tenant=tenant, slug=SLUG, name=demo.assistant, is_default=True)
    versions.publish_first(
        assistant, instructions=demo.instructions, client_options=demo.options, tools=demo.tools, provider="offline"
    )


def _person(email: str, name: str, **flags: bool) -> User:
    # The password is hashed for new people only: hashing is slow on purpose, and there are nine of them.
    defaults = {"password": _password_hash, "name": name, "is_demo": True, **flags}
    return User.objects.get_or_create(email=email, defaults=defaults)[0]


@functools.cache
def _password_hash() -> str:
    return make_password(PASSWORD)
