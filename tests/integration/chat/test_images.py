"""Images that a provider draws in the middle of an answer, over real HTTP."""

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from chat.agents.providers.images import MOST_IMAGES, PARTIAL_IMAGES
from chat.agents.providers.meter import IMAGE_TOKENS
from chat.models import Attachment, ThreadItem
from tenants.models import AssistantVersion, Quota, Usage
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, message, text_of
from tests.support.cast import Cast, assistant_of
from tests.support.documents import png
from tests.support.provider import DRAWN, TOKENS, Draw, Hold, Provider, Refuse

TOOL = "image_generation"


@pytest.fixture
def erin(server_with: StartServer, browse: Browse, cast: Cast, provider: Provider) -> Browser:
    """Talks to an assistant that draws and has a price, and behind which stands one that does not draw."""
    assistant_of(
        cast.acme,
        "painter",
        provider="openai",
        model="gpt-4o",
        tools=[TOOL, "calculator"],
        model_options={"image_quality": "low"},
        fallbacks=[{"provider": "anthropic", "model": "claude-sonnet-4-5"}],
    )
    openai = {"OPENAI_BASE_URL": provider.url, "OPENAI_API_KEY": "sk-x"}
    anthropic = {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": "sk-y"}
    azure = {"AZURE_OPENAI_BASE_URL": provider.url, "AZURE_OPENAI_API_KEY": "sk-z"}
    return browse(server=server_with(**quick(provider), **openai, **anthropic, **azure)).open("painter")


def encoded(image: bytes) -> str:
    return base64.b64encode(image).decode()


def offered(request: dict[str, Any]) -> list[str]:
    return sorted(tool.get("function", tool).get("name", tool["type"]) for tool in request["tools"])


def usage_of(cast: Cast) -> Usage:
    (row,) = Usage.objects.for_tenant(cast.acme)
    return row


def test_trap_36_an_image_is_seen_while_it_is_drawn_and_becomes_an_attachment(
    erin: Browser, cast: Cast, provider: Provider
) -> None:
    made, unfinished = png(), png(3000, 2000, "blue")
    provider.will_say(Draw(encoded(made), partial=(encoded(unfinished), encoded(unfinished))))
    turn = erin.say("Draw a red square")
    (tool,) = [tool for tool in provider.requests[0]["tools"] if tool["type"] == TOOL]
    assert tool == {"type": TOOL, "model": "gpt-image-2.5-flare", "quality": "low", "partial_images": PARTIAL_IMAGES}
    assert provider.requests[0]["max_tool_calls"] == MOST_IMAGES
    (added, done) = [frame["item"] for frame in turn.frames if frame.get("item", {}).get("type") == "generated_image"]
    assert "image" not in added
    assert done["id"] == added["id"]
    shown = [frame["update"] for frame in turn.frames if frame["type"] == "thread.item.updated"]
    assert [round(update["progress"], 2) for update in shown] == [0.33, 0.67]
    # As a small JPEG each: what is not finished is worth no megabytes.
    small = [base64.b64decode(update["image"]["url"].removeprefix("data:image/jpeg;base64,")) for update in shown]
    assert all(image.startswith(b"\xff\xd8") and len(image) < 30_000 for image in small)
    # An image is an answer: the model is not asked what it says to it, which would send it the image.
    assert len(provider.requests) == 1
    assert [item["type"] for item in erin.items(turn.thread_id)] == ["user_message", "generated_image"]
    assert done["image"]["id"].startswith("atc_")
    assert httpx.get(done["image"]["url"], trust_env=False).content == made
    rows = str(list(ThreadItem.objects.for_tenant(cast.acme).values_list("data", flat=True)))
    assert "base64" not in rows

    row = usage_of(cast)
    assert (row.requests, row.is_estimated) == (1, False)
    assert (row.input_tokens, row.output_tokens) == (TOKENS[0] + DRAWN[0], TOKENS[2] + DRAWN[1])
    # Words as ever; 50 tokens of text that the image model read at 5 dollars a million, 1000 that it made at 30.
    assert row.cost == Decimal("0.003") + Decimal("0.00025") + Decimal("0.03")
    assert row.prices["image_output_mtok"] == "30"
    assert row.prices["output_mtok"] == "10"

    provider.will_say("It is red.")
    erin.say("Which colour is it?", turn.thread_id)
    assert "data:image/jpeg;base64," in str(provider.requests[1]["input"])


def test_words_may_stand_beside_an_image_and_a_refused_one_goes_away(erin: Browser, provider: Provider) -> None:
    provider.will_say(Draw(None), Draw(encoded(png())), "Only one of them may be drawn.")
    turn = erin.say("Draw two")
    assert [item["type"] for item in erin.items(turn.thread_id)] == [
        "user_message",
        "generated_image",
        "assistant_message",
    ]
    begun = [frame["item"]["id"] for frame in turn.frames if frame["type"] == "thread.item.added"]
    gone = [frame["item_id"] for frame in turn.frames if frame["type"] == "thread.item.removed"]
    assert gone == begun[:1]
    assert turn.text == "Only one of them may be drawn."


def test_no_more_is_drawn_than_was_asked_for_and_has_room(
    erin: Browser, browse: Browse, cast: Cast, provider: Provider
) -> None:
    """A provider is another's computer: how many images it may send, and whether any, is not for it to say."""
    assistant_of(cast.acme, "writer", provider="openai", model="gpt-4o")
    writer = browse(server=erin.server).open("writer")
    flood = [Draw(encoded(png())) for _ in range(MOST_IMAGES + 2)]
    provider.will_say(*flood, "Too many")
    turn = erin.say("Draw")
    assert [item["type"] for item in erin.items(turn.thread_id)].count("generated_image") == MOST_IMAGES
    provider.will_say(*flood, "Unasked")
    turn = writer.say("Write")
    assert [item["type"] for item in writer.items(turn.thread_id)] == ["user_message", "assistant_message"]
    provider.will_say(*flood[:1])  # no word beside it: it is not asked again and again
    turn = writer.say("Write more", turn.thread_id)
    assert len(provider.requests) == 3
    assert "generated_image" not in str(turn.frames)
    # Nor may one that stands behind a provider that draws, and was not offered it.
    assistant_of(
        cast.acme,
        "sketcher",
        provider="openai",
        model="gpt-4o",
        tools=[TOOL],
        fallbacks=[{"provider": "azure", "model": "m"}],
    )
    sketcher = browse(server=erin.server).open("sketcher")
    provider.will_say(Refuse(401))
    provider.will_say(*flood, "Unasked")
    turn = sketcher.say("Draw")
    assert offered(provider.requests[-1]) == []
    assert [item["type"] for item in sketcher.items(turn.thread_id)] == ["user_message", "assistant_message"]
    assert Attachment.objects.for_tenant(cast.acme).count() == MOST_IMAGES

    kept = {path for path in Path(settings.ATTACHMENTS_FOLDER).rglob("*") if path.is_file()}
    Quota.objects.create(tenant=cast.acme, storage_bytes=10)
    provider.will_say(flood[0], "No room")
    turn = erin.say("Draw one more")
    (drawn,) = [item for item in erin.items(turn.thread_id) if item["type"] == "generated_image"]
    assert drawn.get("image") is None
    assert Attachment.objects.for_tenant(cast.acme).count() == MOST_IMAGES
    assert {path for path in Path(settings.ATTACHMENTS_FOLDER).rglob("*") if path.is_file()} == kept


def test_an_image_that_was_stopped_leaves_nothing_and_counts(erin: Browser, cast: Cast, provider: Provider) -> None:
    hold = Hold()
    provider.will_say(Draw(None, partial=(encoded(png()),), is_over=False), hold)
    with erin.saying("Draw") as stream:
        stream.until(lambda frame: frame.get("update", {}).get("type") == "generated_image.updated")
        assert erin.cancel(stream.run_id).status_code == 202
        frames = stream.rest()
    thread_id = next(frame["thread"]["id"] for frame in frames if frame["type"] == "thread.created")
    assert [item["type"] for item in erin.items(thread_id)] == ["user_message"]
    row = usage_of(cast)
    assert (row.is_estimated, row.output_tokens) == (True, IMAGE_TOKENS)
    assert row.cost is not None


def test_a_provider_that_does_not_draw_is_not_offered_it(erin: Browser, provider: Provider) -> None:
    provider.will_say(Refuse(401))
    provider.will_say("I cannot draw.")
    chosen = {"input": message("Draw", inference_options={"tool_choice": {"id": TOOL}})}
    with erin.stream("threads.create", chosen) as stream:
        assert text_of(stream.rest()) == "I cannot draw."
    first, second = provider.requests
    assert first["tool_choice"] == {"type": TOOL}
    assert offered(first) == ["calculator", TOOL]
    assert offered(second) == ["calculator"]
    assert "tool_choice" not in second


def test_the_editor_asks_for_a_provider_that_draws(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    page = reverse("admin:tenants_assistant_draft", args=[cast.model.pk])
    about = {"instructions": "x", "tools": [TOOL]}
    answer = client.post(page, {**about, "provider": "anthropic"})
    assert "Image generation needs a provider that draws: OpenAI." in answer.content.decode()
    assert client.post(page, {**about, "provider": "openai", "model_options.image_quality": "low"}).status_code == 302
    draft = AssistantVersion.objects.for_tenant(cast.acme).get(assistant=cast.model, state="draft")
    assert (draft.tools, draft.model_options) == ([TOOL], {"image_quality": "low"})
