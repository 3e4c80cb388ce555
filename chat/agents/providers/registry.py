"""The registry of model providers: one row each.  All of them offer OpenAI's API, each at an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WireApi = Literal["responses", "chat_completions"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider.  ``name`` is what `AssistantVersion.provider` stores.

    ``base_url`` is empty where only the installation or the tenant knows it.  ``credentials`` names the provider whose key and
    address are used.  ``reports_usage``: a stream may be asked for its tokens (others refuse the option, or tell them anyway).
    ``summarises_reasoning``: the model's thoughts can be asked for as a summary.  ``reads_images``: its usual models see.
    ``transcription_model`` turns speech into text, ``embedding_model`` texts into vectors; empty where there is none.
    ``image_model`` draws in the middle of an answer; empty where none does, and where the wire API is not Responses.
    ``price_list`` is its name in genai-prices.
    """

    name: str
    title: str
    wire_api: WireApi
    base_url: str = ""
    default_model: str = ""
    credentials: str = ""
    needs_key: bool = True
    reports_usage: bool = True
    summarises_reasoning: bool = False
    reads_images: bool = False
    transcription_model: str = ""
    embedding_model: str = ""
    image_model: str = ""
    price_list: str = ""

    @property
    def account(self) -> str:
        """The provider whose key and address this one uses."""
        return self.credentials or self.name


_ROWS = (
    Provider(
        name="openai",
        transcription_model="gpt-4o-mini-transcribe",
        embedding_model="text-embedding-3-small",
        image_model="gpt-image-2.5-flare",
        title="OpenAI",
        wire_api="responses",
        base_url="https://api.openai.com/v1",
        default_model="gpt-5-mini",
        reads_images=True,
        price_list="openai",
        summarises_reasoning=True,
    ),
    Provider(
        name="openai_chat",
        transcription_model="gpt-4o-mini-transcribe",
        title="OpenAI (Chat Completions)",
        wire_api="chat_completions",
        base_url="https://api.openai.com/v1",
        default_model="gpt-5-mini",
        reads_images=True,
        price_list="openai",
        credentials="openai",
    ),
    Provider(
        name="gemini",
        embedding_model="gemini-embedding-001",
        title="Google Gemini",
        wire_api="chat_completions",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        default_model="gemini-2.5-flash",
        reads_images=True,
        price_list="google",
    ),
    Provider(
        name="anthropic",
        title="Anthropic",
        wire_api="chat_completions",
        base_url="https://api.anthropic.com/v1",
        default_model="claude-sonnet-4-5",
        reads_images=True,
        price_list="anthropic",
    ),
    # Its addresses contain the name of the customer's resource, and its models are deployments with names of their own.
    Provider(
        name="azure",
        title="Azure OpenAI",
        wire_api="responses",
        summarises_reasoning=True,
        reads_images=True,
        price_list="azure",
    ),
    Provider(
        name="mistral",
        transcription_model="voxtral-mini-latest",
        embedding_model="mistral-embed",
        title="Mistral",
        wire_api="chat_completions",
        base_url="https://api.mistral.ai/v1",
        default_model="mistral-medium-latest",
        price_list="mistral",
        reports_usage=False,
    ),
    Provider(
        name="groq",
        transcription_model="whisper-large-v3-turbo",
        title="Groq",
        wire_api="chat_completions",
        base_url="https://api.groq.com/openai/v1",
        default_model="llama-3.3-70b-versatile",
        price_list="groq",
    ),
    Provider(
        name="deepseek",
        title="DeepSeek",
        wire_api="chat_completions",
        base_url="https://api.deepseek.com/v1",
        default_model="deepseek-chat",
        price_list="deepseek",
    ),
    Provider(name="ollama", title="Ollama", wire_api="chat_completions", default_model="llama3.2", needs_key=False),
    Provider(name="vllm", title="vLLM", wire_api="chat_completions", needs_key=False),
    Provider(
        name="openai_compatible", title="OpenAI-compatible endpoint", wire_api="chat_completions", needs_key=False
    ),
)

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}
