"""What the guides through the admin panel tell people to press is there."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from chat.models import KnowledgeBase, KnowledgeSource, Thread
from chatplatform.lib.ids import new_id
from tenants import versions
from tenants.models import Assistant, AssistantVersion, ProviderKey
from tests.support.cast import Cast
from tests.support.environment import PROJECT

#: Guides that lead through the admin panel, and what they name that is on none of its pages: the demo, the chat, messages.
PANEL = ["assistants", "attachments", "company-sign-in", "guardrails", "hosted", "knowledge", "providers", "review"]
ELSEWHERE = {
    "Acme Guide",
    "Acme Outdoor",
    "Acme Outdoor is answered from 4 documents now.",
    "At the chapel keep left",
    "Globex ID answers, and knows this client",
    "Look further back",
    "Ready",
    "Sign in with Globex ID",
    "That is not in my documents.",
    "This page may not use the microphone.",
    "Version 2 answers from now on",
    "Waiting",
}


def test_what_guides_press_is_in_the_panel(panel_words: str) -> None:
    """What stands in italics is written so on a page of the panel."""
    named = {guide: _in_italics(guide) for guide in PANEL}
    assert {words for each in named.values() for words in each} >= ELSEWHERE
    missing = {guide: {words for words in each if words.casefold() not in panel_words} for guide, each in named.items()}
    assert {guide: each - ELSEWHERE for guide, each in missing.items()} == {guide: set() for guide in PANEL}


def _in_italics(guide: str) -> set[str]:
    text = re.sub(
        r"^```.*?^```", "", (PROJECT / "docs" / "guides" / f"{guide}.md").read_text(), flags=re.MULTILINE | re.DOTALL
    )
    found = re.findall(r"(?<![\w*`])\*(?![*\s])([^*`|]+?)\*(?![\w*`])", text)
    assert len(found) > 3, guide
    return {" ".join(words.split()) for words in found}


@pytest.fixture
def panel_words(cast: Cast) -> str:
    """All that an owner reads in the panel."""
    source = KnowledgeSource.objects.create(
        tenant=cast.acme, public_id=new_id("knowledge_source"), name="Source", kind=KnowledgeSource.Kind.FILES
    )
    key = ProviderKey(tenant=cast.acme, provider="openai")
    key.set_secret("sk-0123456789abcdef")
    key.save()
    now, person = timezone.now(), cast.context(cast.alice, cast.guide).end_user
    thread = Thread.objects.create(
        tenant=cast.acme,
        public_id="thr_1",
        end_user_id=person.id,
        assistant=cast.guide,
        created_at=now,
        updated_at=now,
    )
    KnowledgeBase.objects.create(tenant=cast.acme)
    Assistant.objects.create(tenant=cast.acme, slug="unpublished", name="Unpublished")
    versions.publish(cast.guide)
    draft = versions.draft_of(cast.guide)
    draft.provider = AssistantVersion.Provider.GROQ
    draft.save()
    pages = [
        "",
        "tenants/assistant/",
        "tenants/assistant/add/",
        f"tenants/assistant/{cast.guide.pk}/change/",
        f"tenants/assistant/{cast.guide.pk}/draft/",
        "chat/thread/",
        f"chat/thread/{thread.pk}/change/",
        "chat/knowledgesource/add/",
        f"chat/knowledgesource/{source.pk}/change/",
        "chat/knowledgebase/",
        "tenants/providerkey/add/",
        f"tenants/providerkey/{key.pk}/change/",
        "tenants/signin/",
    ]
    client = Client()
    client.force_login(cast.alice)
    shown = [client.get(f"/admin/{page}", follow=True) for page in pages]
    shown.append(client.post(f"/admin/tenants/assistant/{cast.guide.pk}/draft/", {"provider": "nobody"}))
    assert {response.status_code for response in shown} == {200}
    return unescape(" ".join(strip_tags(response.content.decode()) for response in shown)).casefold()
