"""Dictation: speech to text, at the endpoint of the assistant's provider."""

from __future__ import annotations

import base64
import binascii

from chatkit.types import AudioInput, InputTranscribeParams
from django.conf import settings

from chat.agents.config import AgentConfig
from chat.agents.providers.build import client_of
from chat.agents.providers.errors import explain
from chat.agents.providers.meter import Meter
from chat.agents.providers.registry import PROVIDERS
from chat.context import ChatContext
from chat.stores.usage_queries import keep_usage
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from tenants.models import Usage

#: What browsers record, and the name that tells a provider which it is.
_NAMES = {
    "audio/webm": "speech.webm",
    "audio/mp4": "speech.mp4",
    "audio/ogg": "speech.ogg",
    "audio/mpeg": "speech.mp3",
    "audio/wav": "speech.wav",
}


def audio_of(params: InputTranscribeParams) -> AudioInput:
    """The recording in a request.

    Raises:
        PlatformError: ``audio_unsupported``, ``invalid_request``.
    """
    try:
        audio = AudioInput(
            data=base64.b64decode(params.audio_base64, validate=True), mime_type=params.mime_type.lower()
        )
    except binascii.Error:
        raise PlatformError("invalid_request", hint="'audio_base64' must be base64.") from None
    if audio.media_type not in _NAMES:
        raise PlatformError("audio_unsupported")
    if not audio.data:
        raise PlatformError("invalid_request", hint="A recording needs content.")
    return audio


async def transcribe(audio: AudioInput, config: AgentConfig, context: ChatContext) -> str:
    """What was said, by the first of the version's providers that can tell.  Nothing of it is kept but what it used.

    Raises:
        PlatformError: ``transcription_unavailable``, or what `explain` makes of a failure.
    """
    for name in (config.provider, *(name for name, _model in config.fallbacks)):
        model = _model(name, config)
        client = await client_of(name, context.tenant.id) if model else None
        if client is None:
            continue
        file = (_NAMES[audio.media_type], audio.data, audio.media_type)
        meter = Meter(name, model)
        try:
            heard = await client.audio.transcriptions.create(model=model, file=file)
        except Exception as error:
            if (known := explain(error)) is not None:
                raise known from error
            raise
        meter.count_speech(len(audio.data), heard.usage)
        meter.stop()
        await in_tenant(
            context.tenant.id,
            keep_usage,
            meter.usage,
            Usage.Purpose.SPEECH,
            tenant_id=context.tenant.id,
            assistant_id=context.assistant.id,
            end_user=context.end_user.public_id,
        )
        return heard.text.strip()
    raise PlatformError("transcription_unavailable")


def _model(name: str, config: AgentConfig) -> str:
    """The speech model of a provider; empty when it has none."""
    if name not in PROVIDERS:
        return ""
    given = config.model_options.get("transcription_model") if name == config.provider else None
    default = (
        settings.PROVIDER_TRANSCRIPTION_MODEL if name == "openai_compatible" else PROVIDERS[name].transcription_model
    )
    return str(given or default)
