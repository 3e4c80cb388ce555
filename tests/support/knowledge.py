"""Knowledge for tests: sources, documents in them, and what is found."""

from __future__ import annotations

import asyncio
from typing import Any

from chat.knowledge import documents, search
from chat.knowledge.documents import Loaded
from chat.knowledge.ingestion import take_turn
from chat.knowledge.ingestion_queries import waits
from chat.knowledge.scope import SearchScope
from chat.models import Document, KnowledgeSource
from chatplatform.lib.ids import new_id
from tenants.models import Tenant

MARKDOWN = "text/markdown"


def source_of(tenant: Tenant, name: str = "Handbook", **values: Any) -> KnowledgeSource:
    """A source of files, unless ``values`` say otherwise."""
    given: dict[str, Any] = {"kind": KnowledgeSource.Kind.FILES, "public_id": new_id("knowledge_source"), **values}
    return KnowledgeSource.objects.create(tenant=tenant, name=name, **given)  # type: ignore[misc]


def teach(source: KnowledgeSource, **texts: str) -> list[Document]:
    """Put documents into a source (key -> Markdown) and read all that waits."""
    for key, text in texts.items():
        documents.put(source, Loaded(key, key, MARKDOWN, text.encode()))
    read_all(source.tenant)
    return list(Document.objects.for_tenant(source.tenant_id).filter(source=source).order_by("pk"))


def read_all(tenant: Tenant) -> None:
    """Do all of a tenant's work that can be done now, in this process."""
    for _ in range(100):
        if not waits(tenant.pk):
            return
        asyncio.run(take_turn(tenant.pk))
    raise AssertionError("The documents are never done.")


def find(question: str, *sources: KnowledgeSource, tenant: Tenant | None = None, reranks: bool = False) -> list[str]:
    """The texts that are found in these sources."""
    owner = tenant.pk if tenant is not None else sources[0].tenant_id
    scope = SearchScope(owner, tuple(source.pk for source in sources))
    return [hit.found.text for hit in asyncio.run(search.search(question, scope, reranks=reranks))]
