"""What assistants know: KnowledgeSource > Document > Chunk, and the vectors of the chunks, one for each embedding model in use."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Cast
from pgvector.django import HalfVectorField, HnswIndex

from chat.models.audience import Audience, readable_by
from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models import Tenant

#: Lengths of vectors that have an index of their own; vectors of other lengths are compared one by one.
INDEXED_DIMENSIONS = (256, 384, 512, 768, 1024, 1536, 3072)
#: PostgreSQL's configurations of text search that every installation has.
_LANGUAGES = """
    simple arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian irish italian
    lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish
"""
LANGUAGES = _LANGUAGES.split()


class EmbeddingIndex(models.Model):
    """The vectors that one model made for a tenant.  A tenant has a second one only while it changes its model."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    provider = models.CharField(max_length=24)
    model = models.CharField(max_length=120)
    dimensions = models.PositiveSmallIntegerField(help_text="How long its vectors are.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("embeddingindex_tenant_key"),
            models.UniqueConstraint(fields=["tenant", "provider", "model"], name="embeddingindex_model_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


class KnowledgeBase(models.Model):
    """How a tenant's documents are searched.  Made when it gets its first source."""

    class Provider(models.TextChoices):
        OFFLINE = "offline", "On this server, without a network"
        OPENAI = "openai", "OpenAI"
        GEMINI = "gemini", "Google Gemini"
        AZURE = "azure", "Azure OpenAI"
        MISTRAL = "mistral", "Mistral"
        OLLAMA = "ollama", "Ollama"
        VLLM = "vllm", "vLLM"
        OPENAI_COMPATIBLE = "openai_compatible", "OpenAI-compatible endpoint"

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"embedding_model"})
    language = models.CharField(
        max_length=20,
        choices=[(name, name.title()) for name in LANGUAGES],
        default="english",
        help_text="In which the documents are written.  Simple: words as they stand, for several languages.",
    )
    words_language = models.CharField(
        max_length=20, default="english", editable=False, help_text="In which the words are indexed now."
    )
    embedding_provider = models.CharField(
        max_length=24, choices=Provider, default=Provider.OFFLINE, help_text="Who makes vectors of the documents."
    )
    embedding_model = models.CharField(max_length=120, blank=True, help_text="Empty: the provider's default model.")
    index = models.ForeignKey(
        EmbeddingIndex,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The vectors that answer; another model's are made beside them until they are complete.",
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(
                field="index", to="chat.EmbeddingIndex", name="knowledgebase_index_of_tenant", on_delete="SET NULL"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.embedding_provider}, {self.language}"


class KnowledgeSource(models.Model):
    """Where documents come from."""

    class Kind(models.TextChoices):
        FILES = "files", "Files"
        TEXT = "text", "Text"
        ANSWERS = "answers", "Questions with approved answers"
        WEBSITE = "website", "Website"
        SITEMAP = "sitemap", "Sitemap"
        RECORDS = "records", "Records of this installation"

    Audience = Audience

    class State(models.TextChoices):
        IDLE = "idle", "In step"
        QUEUED = "queued", "Waits to be read"
        READING = "reading", "Is being read"
        FAILED = "failed", "Could not be read"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"url", "records"})
    # Serves: the sources that an assistant's version names.
    public_id = models.CharField("id", max_length=70, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    audience = models.CharField(
        max_length=9, choices=Audience, default=Audience.EVERYBODY, help_text="Who is answered from it."
    )
    is_enabled = models.BooleanField("enabled", default=True, help_text="Off: nothing is answered from it.")
    content = models.TextField(
        blank=True,
        max_length=500_000,
        help_text="The text; or questions as headings (## …), each with its approved answer below.",
    )
    url = models.URLField(max_length=2000, blank=True, help_text="Where a website begins, or where the sitemap is.")
    max_depth = models.PositiveSmallIntegerField(
        "links away", default=2, help_text="How many links away from its first page."
    )
    max_pages = models.PositiveIntegerField("most pages", default=200, help_text="How many pages at most.")
    records = models.CharField(max_length=80, blank=True, help_text="The name under which code has registered them.")
    sync_hours = models.PositiveIntegerField(
        "hours between readings", default=0, help_text="Read again after so many hours.  0: on demand only."
    )
    state = models.CharField(max_length=8, choices=State, default=State.IDLE, editable=False)
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("knowledgesource_tenant_key"),
            models.UniqueConstraint(fields=["tenant", "name"], name="knowledgesource_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def readable_by(cls, role: str) -> models.Q:
        """Return the condition for the rows that somebody in this role may read."""
        return readable_by(role)


class Document(models.Model):
    """A document of a source.  ``version`` is the one that answers; a ``draft`` is prepared beside it and then takes its place."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        WORKING = "working", "Being read"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    source = models.ForeignKey(
        KnowledgeSource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # Serves: the page that a citation opens.
    public_id = models.CharField(max_length=70, unique=True)
    key = models.CharField(
        "name in its source", max_length=500, help_text="What names it in its source: a file's name, an address, a key."
    )
    title = models.CharField(max_length=300)
    url = models.CharField("address", max_length=2000, blank=True, help_text="Where people find it; empty: here.")
    mime = models.CharField("kind of file", max_length=120)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, help_text="Of the content that is stored, with its title and type.")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Zero: it answers nothing yet.")
    draft = models.PositiveIntegerField(default=1, help_text="The version that its stored content becomes.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Failures that may pass, since it was queued.")
    text = models.TextField(blank=True, help_text="What the version says.")
    is_markdown = models.BooleanField(default=False)
    pages = models.JSONField(default=list, help_text="At which characters its pages begin; empty where it has none.")
    chunks_total = models.PositiveIntegerField(default=0, help_text="Of the draft, once it is known.")
    chunks_done = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True, help_text="When past, its worker was killed.")
    seen_at = models.DateTimeField(help_text="When its source last had it.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField("last change", auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("document_tenant_key"),
            # Serves: finding a document again when its source is read again.
            models.UniqueConstraint(fields=["source", "key"], name="document_key_unique"),
            TenantForeignKey(field="source", to="chat.KnowledgeSource", name="document_source_of_tenant"),
        ]
        indexes = [
            # Serves: the next document of a tenant that has to be read.
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(state__in=["queued", "working"]),
                name="document_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def readable_by(cls, role: str) -> models.Q:
        """Return the condition for the rows that somebody in this role may read."""
        return readable_by(role, "source")


class Chunk(models.Model):
    """A passage of a version of a document.  Only those of the version that answers are found."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    source = models.ForeignKey(
        KnowledgeSource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    document = models.ForeignKey(
        Document, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    version = models.PositiveIntegerField()
    position = models.PositiveIntegerField(help_text="Its place among the version's chunks.")
    title = models.CharField(max_length=500, help_text="The headings above it.")
    page = models.PositiveIntegerField(default=0, help_text="Zero where there are none.")
    start = models.PositiveIntegerField(help_text="Its first character in the document's text.")
    end = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.BinaryField(max_length=32, help_text="Of what vectors are made of: title and text.")
    # The words, and one lexeme that names the tenant: so the index itself finds the words of one tenant only.
    search = SearchVectorField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("chunk_tenant_key"),
            # Exactly once, also when a killed worker's document is read again.  Serves: all chunks of a version.
            models.UniqueConstraint(fields=["document", "version", "position"], name="chunk_position_unique"),
            TenantForeignKey(field="source", to="chat.KnowledgeSource", name="chunk_source_of_tenant"),
            TenantForeignKey(field="document", to="chat.Document", name="chunk_document_of_tenant"),
        ]
        indexes = [
            # Serves: search by words.
            GinIndex(fields=["search"], name="chunk_search"),
            # Serves: deleting a source.
            models.Index(fields=["source"], name="chunk_source"),
        ]

    def __str__(self) -> str:
        return f"{self.title} [{self.start}:{self.end}]"

    @classmethod
    def readable_by(cls, role: str) -> models.Q:
        """Return the condition for the rows that somebody in this role may read."""
        return readable_by(role, "source")


class Embedding(models.Model):
    """The vector of a chunk in an index."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    index = models.ForeignKey(
        EmbeddingIndex, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    source = models.ForeignKey(
        KnowledgeSource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    chunk = models.ForeignKey(Chunk, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    dimensions = models.PositiveSmallIntegerField()
    vector = HalfVectorField(help_text="Of length one.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Serves: comparing with all vectors of a small index, and those that a new index still lacks.
            models.UniqueConstraint(fields=["tenant", "index", "chunk"], name="embedding_once"),
            TenantForeignKey(field="index", to="chat.EmbeddingIndex", name="embedding_index_of_tenant"),
            TenantForeignKey(field="source", to="chat.KnowledgeSource", name="embedding_source_of_tenant"),
            TenantForeignKey(field="chunk", to="chat.Chunk", name="embedding_chunk_of_tenant"),
        ]
        indexes = [
            # Serves: deleting a source.
            models.Index(fields=["source"], name="embedding_source"),
            # Serve: the nearest vectors in an index that is too large to compare with each.
            *(
                HnswIndex(
                    OpClass(Cast("vector", HalfVectorField(dimensions=length)), name="halfvec_cosine_ops"),
                    m=16,
                    ef_construction=64,
                    condition=models.Q(dimensions=length),
                    name=f"embedding_nearest_{length}",
                )
                for length in INDEXED_DIMENSIONS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chunk_id} in {self.index_id}"

    @classmethod
    def readable_by(cls, role: str) -> models.Q:
        """Return the condition for the rows that somebody in this role may read."""
        return readable_by(role, "source")
