"""The editor of assistants in the admin panel: drafts, previews, publishing, comparing and going back."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import demo
from accounts.models import ChatSession, EndUser
from chat.admin.draft_form import DraftForm
from chat.models import Thread
from tenants import versions
from tenants.models import Assistant, AssistantVersion, Membership, ProviderKey
from tenants.scope import tenant_scope
from tests.conftest import Browse
from tests.support.browsing import refusal
from tests.support.cast import Cast, assistant_of, member_of
from tests.support.provider import Provider

FULL: dict[str, Any] = {
    "model_options": {"temperature": 0.2, "reads_images": False},
    "guardrails": {"input": {"blocklist": ["x"], "redact": ["email"]}, "output": {"hosts": []}, "refusal": "No."},
    "fallbacks": [{"provider": "groq", "model": "m"}],
    "knowledge": {"sources": [f"ks_{'0' * 32}"]},
    "tools": ["calculator", "http:gone"],
}


def address(assistant: Assistant, page: str = "draft") -> str:
    return reverse(f"admin:tenants_assistant_{page}", args=[assistant.pk])


def filled(form: DraftForm) -> dict[str, Any]:
    """What a browser sends of a form that nobody touched."""
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


@pytest.fixture
def alice(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.alice)
    return client


@pytest.mark.parametrize("one", demo.DEMO, ids=lambda one: one.slug)
def test_what_nobody_touches_stays_as_it_is(cast: Cast, one: demo.DemoTenant) -> None:
    options = {**one.options, "theme": {**one.options["theme"], "colorScheme": "dark"}}
    kept = {"composer": {**options["composer"], "attachments": {"enabled": True, "maxSize": {"image/*": 9, "*": 5}}}}
    assistant = assistant_of(cast.acme, "full", client_options={**options, **kept}, **FULL)
    draft = versions.draft_of(assistant)
    form = DraftForm(draft, filled(DraftForm(draft)))
    with tenant_scope(cast.acme):
        assert form.is_valid(), form.errors
        form.save()
    assert (
        versions.differences(
            AssistantVersion.objects.for_tenant(cast.acme).get(pk=assistant.published_version_id or 0), draft
        )
        == []
    )
    assert draft.client_options == {**options, **kept}


def test_every_option_is_explained(cast: Cast) -> None:
    form = DraftForm(versions.draft_of(cast.guide))
    assert [name for name in form.fields if not form[name].help_text and name != "provider"] == []


def test_a_version_is_copied_whole() -> None:
    about = {"id", "tenant", "assistant", "number", "state", "created_at", "published_at"}
    assert {field.name for field in AssistantVersion._meta.fields} - about == set(versions.CONTENT)


def test_a_draft_is_edited_published_compared_and_taken_back(alice: Client, cast: Cast) -> None:
    first = cast.guide.published_version_id
    form = filled(DraftForm(versions.draft_of(cast.guide)))
    row = "client_options.startScreen.prompts.0."
    sent = {**form, "instructions": "Be brief.", f"{row}label": "Help", f"{row}prompt": "Help me <b>"}
    assert alice.post(address(cast.guide), {**sent, "save": ""}).status_code == 302
    cast.guide.refresh_from_db()
    assert cast.guide.published_version_id == first
    assert alice.post(address(cast.guide), {**sent, "publish": ""}).status_code == 302
    cast.guide.refresh_from_db()
    published = AssistantVersion.objects.for_tenant(cast.acme).get(pk=cast.guide.published_version_id or 0)
    assert (published.number, published.state, published.instructions) == (2, "published", "Be brief.")
    assert published.client_options["startScreen"] == {"prompts": [{"label": "Help", "prompt": "Help me <b>"}]}
    shown = alice.get(f"{address(cast.guide, 'compare')}?old=1&new=2").content.decode()
    for words in (
        "Start screen › Prompts 1 › Prompt",
        "Help me &lt;b&gt;",
        "<del>You are guide.</del>",
        "<ins>Be brief.</ins>",
    ):
        assert words in shown
    assert "Tools" not in shown
    assert alice.post(address(cast.guide), {"roll_back": "1"}).status_code == 302
    cast.guide.refresh_from_db()
    assert cast.guide.published_version_id == first
    for number in ("3", "99", "x", "-1"):
        assert alice.post(address(cast.guide), {"roll_back": number}).status_code == 404
    assert alice.get(f"{address(cast.guide, 'compare')}?old=1&new=x").status_code == 404


def test_a_draft_says_who_cannot_answer(alice: Client, cast: Cast) -> None:
    warning = "Nobody is answered with this draft yet: Groq has no key or no address"
    form = filled(DraftForm(versions.draft_of(cast.guide)))
    saved = alice.post(address(cast.guide), {**form, "provider": "groq", "save": ""}, follow=True)
    assert warning in saved.content.decode()
    key = ProviderKey(tenant=cast.acme, provider="groq")
    key.set_secret("sk-0123456789abcdef")
    key.save()
    assert warning not in alice.get(address(cast.guide)).content.decode()


def test_lines_and_words_that_stay_are_no_difference(cast: Cast) -> None:
    about = {"tenant": cast.acme, "assistant": cast.guide}
    old = AssistantVersion(**about, instructions="Be brief.\nBe kind.", tools=["b", "a"])
    new = AssistantVersion(**about, instructions="Be brief.\r\nBe fast.", tools=["a", "b"])
    (found,) = versions.differences(old, new)
    assert found.name == "instructions"
    assert [(line.text, line.is_common) for line in found.old] == [("Be brief.", True), ("Be kind.", False)]
    assert [(line.text, line.is_common) for line in found.new] == [("Be brief.", True), ("Be fast.", False)]


def test_a_new_default_takes_the_place_of_the_old_one(alice: Client, cast: Cast) -> None:
    sent = {"name": "Huts", "slug": cast.guide.slug, "is_enabled": "on", "is_default": "on"}
    refused = alice.post("/admin/tenants/assistant/add/", sent).content.decode()
    assert "Another one has this already." in refused
    assert Assistant.objects.for_tenant(cast.acme).get(is_default=True) == cast.guide
    made = alice.post("/admin/tenants/assistant/add/", {**sent, "slug": "huts"}, follow=True).content.decode()
    assert f"{cast.guide} is not the default any more." in made
    assert Assistant.objects.for_tenant(cast.acme).get(is_default=True).slug == "huts"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_options.theme.color.accent.primary", "url(https://evil.example)"),
        ("client_options.theme.color.grayscale.hue", "999"),
        ("client_options.theme.color.surface.background", "#fff"),
        ("client_options.composer.tools.0.icon", "<b>"),
        ("client_options.startScreen.prompts.0.label", "x" * 301),
        ("client_options.history.enabled", "maybe"),
        ("model_options.temperature", "3"),
        ("guardrails.output.hosts", "https://x/"),
        ("fallbacks.0.provider", ""),
        ("tools", "rm -rf"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(alice: Client, cast: Cast, name: str, value: str) -> None:
    form = filled(DraftForm(versions.draft_of(cast.guide)))
    more = {"fallbacks.0.model": "m"} if name.startswith("fallbacks") else {}
    response = alice.post(address(cast.guide), {**form, **more, name: value, "publish": ""})
    assert response.status_code == 200
    assert 'class="studio-error"' in response.content.decode()
    assert "Line 1: write a name as acme.example" in response.content.decode() or "hosts" not in name
    cast.guide.refresh_from_db()
    assert versions.versions_of(cast.guide)[0].state == "draft"


def test_a_preview_shows_the_draft_to_its_author_alone(browse: Browse, cast: Cast, provider: Provider) -> None:
    author = browse(cast.alice)
    draft = versions.draft_of(cast.model)
    draft.instructions = "You are the DRAFT."
    draft.save()
    page = author.http.get(address(cast.model)).text
    csrf = unescape(re.search(r'"csrf": "(\w+)"', page)[1])  # type: ignore[index]
    author.bearer = author.http.post(address(cast.model, "preview"), headers={"X-CSRFToken": csrf}).json()[
        "client_secret"
    ]
    provider.will_say("From the draft.")
    author.say("Hello?")
    assert provider.requests[-1]["messages"][0]["content"] == "You are the DRAFT."
    # Changed again, without being published: the next answer follows.
    AssistantVersion.objects.for_tenant(cast.acme).filter(pk=draft.pk).update(instructions="You are the second DRAFT.")
    author.say("And now?")
    assert provider.requests[-1]["messages"][0]["content"] == "You are the second DRAFT."
    # The users' assistant is as it was, and nobody finds what was tried.
    visitor = browse().open("model")
    visitor.say("Hello")
    assert provider.requests[-1]["messages"][0]["content"] == "You are model."
    assert "Hello?" not in browse(cast.alice).http.get("/admin/chat/thread/").text
    assert browse(cast.alice).open("model").ask("threads.list")["data"] == []
    # It can be renewed, goes with the next preview, and ends with the author's role.
    author.bearer = author.refresh(Authorization=f"Bearer {author.bearer}").json()["client_secret"]
    author.say("Still the draft?")
    assert provider.requests[-1]["messages"][0]["content"] == "You are the second DRAFT."
    second = author.http.post(address(cast.model, "preview"), headers={"X-CSRFToken": csrf}).json()["client_secret"]
    assert Thread.objects.for_tenant(cast.acme).filter(end_user__kind=EndUser.Kind.PREVIEW).count() == 0
    author.bearer = second
    assert author.post("threads.list").status_code == 200
    Membership.objects.for_tenant(cast.acme).filter(user=cast.alice).update(role=Membership.Role.VIEWER)
    assert refusal(author.post("threads.list")) == (401, "session_invalid")


def test_others_open_no_preview(cast: Cast) -> None:
    for user, status in ((cast.carol, 404), (cast.bob, 403), (member_of(cast.acme, "victor", "viewer"), 403)):
        client = Client()
        client.force_login(user)
        for page in ("draft", "preview", "compare"):
            foreign = client.post(address(cast.guide, page))
            unknown = client.post(re.sub(r"/\d+/", "/987654321/", address(cast.guide, page)))
            assert foreign.status_code == unknown.status_code == status, (user, page)
    assert Client().post(address(cast.guide, "preview")).status_code == 302
    assert ChatSession.objects.for_tenant(cast.acme).count() == 0
