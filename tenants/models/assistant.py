"""Assistant and AssistantVersion: the stored configuration from which an agent is built."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models

from tenants.constraints import TenantForeignKey, tenant_key
from tenants.guardrail_options import validate_guardrails
from tenants.knowledge_options import validate_knowledge
from tenants.managers import TenantManager
from tenants.model_options import validate_fallbacks, validate_model_options
from tenants.models.tenant import Tenant, slug_validator


class Assistant(models.Model):
    """A named assistant of a tenant.  What it says and looks like stands in its versions."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"slug", "name"})
    slug = models.CharField("short name", max_length=40, validators=[slug_validator])
    name = models.CharField(max_length=120)
    is_enabled = models.BooleanField(
        "enabled", default=True, help_text="Off: its chat sessions end and nothing more is answered."
    )
    is_default = models.BooleanField("default", default=False, help_text="The assistant of a page that names none.")
    published_version = models.ForeignKey(
        "tenants.AssistantVersion",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The version that answers.  None: the assistant is not available yet.",
    )
    created_at = models.DateTimeField("created", auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("assistant_tenant_key"),
            # Serves: the assistant named by a page or a mint request.
            models.UniqueConstraint(fields=["tenant", "slug"], name="assistant_slug_unique"),
            # Serves: the assistant of a request that names none.
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_default=True), name="assistant_one_default"
            ),
            TenantForeignKey(
                field="published_version",
                to="tenants.AssistantVersion",
                name="assistant_version_of_tenant",
                on_delete="SET NULL",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssistantVersion(models.Model):
    """One numbered configuration of an assistant.  A published version never changes, so that processes may cache it by id."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    class Provider(models.TextChoices):
        OFFLINE = "offline", "Offline assistant (no model)"
        OPENAI = "openai", "OpenAI"
        OPENAI_CHAT = "openai_chat", "OpenAI (Chat Completions)"
        GEMINI = "gemini", "Google Gemini"
        ANTHROPIC = "anthropic", "Anthropic"
        AZURE = "azure", "Azure OpenAI"
        MISTRAL = "mistral", "Mistral"
        GROQ = "groq", "Groq"
        DEEPSEEK = "deepseek", "DeepSeek"
        OLLAMA = "ollama", "Ollama"
        VLLM = "vllm", "vLLM"
        OPENAI_COMPATIBLE = "openai_compatible", "OpenAI-compatible endpoint"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    assistant = models.ForeignKey(Assistant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    number = models.PositiveIntegerField()
    audited: ClassVar[frozenset[str]] = frozenset({"model"})
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    instructions = models.TextField(
        blank=True, help_text="The system prompt.  Nothing a user writes is ever added to it."
    )
    provider = models.CharField(max_length=24, choices=Provider, default=Provider.OFFLINE)
    model = models.CharField(max_length=120, blank=True, help_text="Empty: the provider's default model.")
    model_options = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_model_options],
        help_text="temperature, top_p, max_tokens, reasoning_effort, reads_images; all may be left out.",
    )
    guardrails = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_guardrails],
        help_text="Rules for what may be asked and answered; see the guide to guardrails.",
    )
    knowledge = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_knowledge],
        help_text="How it uses the tenant's documents: sources, before_each_turn, approved_answers; all may be left out.",
    )
    fallbacks = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_fallbacks],
        help_text='Who is asked, in this order, when the model cannot answer: [{"provider": …, "model": …}, …].',
    )
    tools = models.JSONField(
        default=list, blank=True, help_text="Names of registered tools that the assistant may use."
    )
    workflow = models.CharField(
        max_length=120,
        blank=True,
        validators=[RegexValidator(r"^wf_[\w-]+$", "An id of OpenAI begins with wf_.")],
        help_text="An OpenAI workflow that answers instead, with OpenAI's client and storage.  Empty: this platform answers.",
    )
    client_options = models.JSONField(
        default=dict,
        blank=True,
        help_text="Options of the client: theme, startScreen, composer, history, disclaimer and so on.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("assistantversion_tenant_key"),
            # Serves: the list of versions of an assistant, newest first.
            models.UniqueConstraint(fields=["assistant", "number"], name="assistantversion_number_unique"),
            TenantForeignKey(field="assistant", to="tenants.Assistant", name="assistantversion_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.assistant_id} v{self.number}"
