"""Dictation: a recording goes to the provider's endpoint, its words come back, and nothing is kept."""

import base64
from typing import Any

import pytest

from tenants.models import AssistantVersion, Quota, Usage
from tests.conftest import Browse
from tests.support.browsing import Browser, refusal
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Bill, Provider, Refuse

SPEECH = b"\x1aE\xdf\xa3 as a microphone makes it"


def recording(content: bytes = SPEECH, mime: str = "audio/webm;codecs=opus") -> dict[str, Any]:
    return {"audio_base64": base64.b64encode(content).decode(), "mime_type": mime}


@pytest.fixture
def speaker(browse: Browse, cast: Cast) -> Browser:
    assistant_of(
        cast.acme,
        "listener",
        provider=AssistantVersion.Provider.OPENAI_COMPATIBLE,
        model_options={"transcription_model": "whisper-of-tests"},
    )
    return browse().open("listener")


def test_it_writes_what_was_said(speaker: Browser, provider: Provider) -> None:
    provider.will_say(" Where are the tents? ")
    assert speaker.ask("input.transcribe", recording()) == {"text": "Where are the tents?"}
    (sent,) = provider.recordings
    assert SPEECH in sent
    assert b"whisper-of-tests" in sent
    assert b'filename="speech.webm"' in sent
    assert provider.keys == ["Bearer sk-provider-secret"]
    assert speaker.ask("threads.list")["data"] == []


def test_who_has_used_up_a_plan_does_not_dictate(speaker: Browser, cast: Cast, provider: Provider) -> None:
    quota = Quota.objects.create(tenant=cast.acme, answers_at_once=0, answers_per_month=0)
    assert refusal(speaker.post("input.transcribe", recording())) == (429, "quota_of_month")
    assert provider.recordings == []
    quota.answers_per_month = None
    quota.save()
    assert speaker.post("input.transcribe", recording()).status_code == 200  # nothing is being written by it


def test_what_it_used_is_kept_and_counts(speaker: Browser, cast: Cast, provider: Provider) -> None:
    """Of whoever tells no tokens they are estimated: it is not for a provider to let a tenant speak for nothing."""
    provider.will_say(Bill((300, 0, 20, 0)), "One")
    speaker.ask("input.transcribe", recording())
    speaker.ask("input.transcribe", recording(b"x" * 4000))
    told, estimated = Usage.objects.for_tenant(cast.acme).order_by("pk")
    assert (told.input_tokens, told.output_tokens, told.is_estimated) == (300, 20, False)
    assert (estimated.input_tokens, estimated.output_tokens, estimated.is_estimated) == (10, 0, True)
    for row in (told, estimated):
        assert (row.purpose, row.provider, row.model) == ("speech", "openai_compatible", "whisper-of-tests")
        assert (row.assistant.slug if row.assistant else "", row.end_user[:3]) == ("listener", "eu_")
    quota = Quota.objects.create(tenant=cast.acme, answers_per_day=1, tokens_per_month=331)
    speaker.ask("input.transcribe", recording())
    assert refusal(speaker.post("input.transcribe", recording())) == (429, "quota_of_month")
    quota.tokens_per_month = None
    quota.save()
    speaker.ask("input.transcribe", recording())  # no answer of a day


@pytest.mark.parametrize("assistant", ["guide", "model"])
def test_an_assistant_without_a_speech_model_says_so(browse: Browse, assistant: str, provider: Provider) -> None:
    dave = browse().open(assistant)
    assert refusal(dave.post("input.transcribe", recording())) == (501, "transcription_unavailable")
    assert provider.recordings == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (recording(b""), "invalid_request"),
        ({"audio_base64": "no base64!", "mime_type": "audio/webm"}, "invalid_request"),
        (recording(mime="video/mp4"), "audio_unsupported"),
        (recording(mime="text/html"), "audio_unsupported"),
        (recording(b"x" * 2_000_000), "too_large"),
    ],
)
def test_trap_29_a_recording_has_limits(
    speaker: Browser, provider: Provider, params: dict[str, Any], code: str
) -> None:
    assert refusal(speaker.post("input.transcribe", params))[1] == code
    assert provider.recordings == []


def test_trap_11_a_provider_that_refuses_is_a_documented_error(speaker: Browser, provider: Provider) -> None:
    provider.will_say(Refuse(401))
    assert refusal(speaker.post("input.transcribe", recording()))[1] == "provider_refused"
