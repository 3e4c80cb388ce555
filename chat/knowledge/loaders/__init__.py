"""Where documents come from: each kind of source has a loader, which yields all that the source has now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from chat.knowledge.documents import Loaded
from chat.knowledge.loaders import inline, records, website
from chat.knowledge.loaders.place import Place
from chat.models import KnowledgeSource

#: Kind of source -> its loader.  Files have none: they come by upload, and stay until they are removed.
#: ``None`` is a moment at which a turn may end, too.
LOADERS: dict[str, Callable[[KnowledgeSource, Place], AsyncIterator[Loaded | None]]] = {
    KnowledgeSource.Kind.TEXT: inline.text,
    KnowledgeSource.Kind.ANSWERS: inline.answers,
    KnowledgeSource.Kind.WEBSITE: website.website,
    KnowledgeSource.Kind.SITEMAP: website.sitemap,
    KnowledgeSource.Kind.RECORDS: records.load,
}
