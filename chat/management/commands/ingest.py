"""`manage.py ingest`: teach a tenant's assistants files, from a shell."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum
from django.template.defaultfilters import pluralize
from tqdm import tqdm

from chat.knowledge import documents
from chat.knowledge.documents import READABLE, Loaded
from chat.knowledge.ingestion import take_turn
from chat.knowledge.ingestion_queries import waits
from chat.models import Document, KnowledgeSource
from chat.stores.budget import USED_UP
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import KINDS
from chatplatform.lib.ids import new_id
from chatplatform.lib.problems.api import ERRORS
from tenants.acting import Actor, acting_as
from tenants.models import Tenant
from tenants.scope import tenant_scope

_ENDINGS = {ending: kind.mime for kind in KINDS.values() for ending in kind.endings}


class Command(BaseCommand):
    """Reads what it is given and whatever else the tenant's documents wait for; a worker may do the same beside it."""

    help = "Teach a tenant's assistants files, or go on with what was begun; shows how far it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The slug of the tenant.")
        parser.add_argument("paths", nargs="*", type=Path, help="Files, and folders with files.")
        parser.add_argument("--source", default="Files", help="The name of the source; made when it is not there.")

    def handle(self, *args: Any, tenant: str, paths: list[Path], source: str, **options: Any) -> None:
        found = Tenant.objects.filter(slug=tenant, status=Tenant.Status.ACTIVE).first()
        if found is None:
            raise CommandError(f"There is no active tenant {tenant!r}.")
        with tenant_scope(found):
            if paths:
                self._put(self._source(found, source), paths)
            self._work(found)
        failed = (
            Document.objects.for_tenant(found).filter(state=Document.State.FAILED).values_list("title", "error_code")
        )
        for title, code in failed:
            self.stderr.write(f"{title}: {ERRORS[code].message} {ERRORS[code].hint}")
        if failed:
            raise CommandError(f"{len(failed)} documents could not be read.")
        answering = Document.objects.for_tenant(found).exclude(version=0).count()
        self.stdout.write(f"{found} is answered from {answering} document{pluralize(answering)} now.")

    def _source(self, tenant: Tenant, name: str) -> KnowledgeSource:
        kind = KnowledgeSource.Kind.FILES
        source, _ = KnowledgeSource.objects.for_tenant(tenant).get_or_create(
            tenant=tenant, name=name[:120], defaults={"kind": kind, "public_id": new_id("knowledge_source")}
        )
        if source.kind != kind:
            raise CommandError(f"The source {name!r} takes no files.")
        return source

    def _put(self, source: KnowledgeSource, paths: list[Path]) -> None:
        taken = []
        for path in paths:
            if not path.exists():
                raise CommandError(f"There is no file {path}.")
            files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
            for file in files:
                if file != path and not file.resolve().is_relative_to(path.resolve()):
                    self.stderr.write(f"{file} was left out: it is a link that leads out of the folder.")
                    continue
                key = str(file.relative_to(path.parent))
                mime = _ENDINGS.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or ""
                if mime not in READABLE and file != path:
                    continue  # whatever else lies in the folder
                try:
                    documents.put(source, Loaded(key, file.name, mime, file.read_bytes()))
                except PlatformError as error:
                    raise CommandError(f"{file}: {error.spec.message} {error.hint}") from None
                taken.append(key)
        with acting_as(Actor("command", "ingest")):
            documents.record_upload(source, len(taken))

    def _work(self, tenant: Tenant) -> None:
        mine = Document.objects.for_tenant(tenant).filter(state__in=[Document.State.QUEUED, Document.State.WORKING])
        total = mine.count()
        with tqdm(total=total, unit=" documents", disable=None) as bar:
            while waits(tenant.pk):
                asyncio.run(take_turn(tenant.pk))
                if mine.filter(error_code__in=USED_UP).exists():
                    raise CommandError("The plan is used up; the worker reads the rest once it allows that again.")
                left = mine.count()
                chunks = mine.aggregate(done=Sum("chunks_done"), total=Sum("chunks_total"))
                if chunks["total"]:
                    bar.set_postfix_str(f"{chunks['done']} of {chunks['total']} passages")
                bar.update(total - left - bar.n)
