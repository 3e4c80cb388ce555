"""What assistants know: sources, the documents in them with their progress, and how they are searched."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat, pluralize
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminURLInputWidget

from chat.attachment_rules import safe_name
from chat.knowledge import documents
from chat.knowledge.documents import MOST_BYTES, Loaded
from chat.knowledge.lanes import wake
from chat.knowledge.sync import request_sync
from chat.models import Document, KnowledgeBase, KnowledgeSource
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import KINDS
from chatplatform.lib.ids import new_id
from chatplatform.lib.problems.api import ERRORS
from tenants.panel.base import Section, TenantForm, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.panel.single import SingleRowAdmin
from tenants.permissions import Action

#: Files that one form takes.
MOST_FILES = 50
MOST_BYTES_TOGETHER = 200 * 1024 * 1024
_ENDINGS = {ending: kind.mime for kind in KINDS.values() for ending in kind.endings if kind.family != "image"}
Kind = KnowledgeSource.Kind


class _FilesInput(UnfoldAdminFileFieldWidget):  # type: ignore[misc]  # unfold comes without types
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    widget = _FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MOST_FILES:
            raise forms.ValidationError(f"These are more than {MOST_FILES} files; send some of them later.")
        return [super(_FilesField, self).clean(each, initial) for each in given]


class SourceForm(TenantForm):
    """A source, and files for it."""

    url = forms.URLField(
        required=False,
        max_length=2000,
        assume_scheme="https",
        label="Address",
        help_text="Where a website begins, or where the sitemap is.",
        widget=UnfoldAdminURLInputWidget,
    )
    uploads = _FilesField(
        required=False,
        label="Add files",
        help_text=f"For a source of files: {', '.join(sorted(_ENDINGS))}; "
        f"up to {MOST_BYTES >> 20} MB each and {MOST_BYTES_TOGETHER >> 20} MB together.",
        widget=_FilesInput(attrs={"multiple": True, "accept": ",".join(sorted(_ENDINGS))}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        kind = given.get("kind") or self.instance.kind
        if kind in (Kind.WEBSITE, Kind.SITEMAP) and not given.get("url"):
            self.add_error("url", "A website needs its address.")
        if given.get("uploads") and kind != Kind.FILES:
            self.add_error("uploads", "Only a source of files takes files.")
        # Sizes are looked at here, as nothing is read into memory yet.
        files = given.get("uploads") or []
        for file in files:
            if _mime_of(file.name or "") is None:
                self.add_error("uploads", f"{safe_name(file.name or '')}: files of this kind cannot be read.")
            if (file.size or 0) > MOST_BYTES:
                self.add_error("uploads", f"{safe_name(file.name or '')} is larger than {MOST_BYTES >> 20} MB.")
        if sum(file.size or 0 for file in files) > MOST_BYTES_TOGETHER:
            self.add_error("uploads", f"These are more than {MOST_BYTES_TOGETHER >> 20} MB together.")
        return given


@admin.register(KnowledgeSource)
class KnowledgeSourceAdmin(TenantModelAdmin):
    may_view = Action.KNOWLEDGE_VIEW
    may_add = may_change = may_delete = Action.KNOWLEDGE_CHANGE
    section = Section.ASSISTANTS
    place = 2
    icon = "library_books"

    form = SourceForm
    takes_files = True
    list_display = ["name", "kind", "audience", "is_enabled", "told_state", "documents_link"]
    list_filter = ["kind", "audience", "is_enabled"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = ["read_again"]
    readonly_fields = ["public_id", "told_state"]

    def nav_title(self, request: HttpRequest) -> str:
        return "Knowledge"

    def get_queryset(self, request: HttpRequest) -> QuerySet[KnowledgeSource]:
        of_source = Document._base_manager.filter(tenant=OuterRef("tenant"), source=OuterRef("pk"))
        counted = of_source.values("source").annotate(number=Count("pk")).values("number")
        rows: QuerySet[KnowledgeSource] = super().get_queryset(request)
        return rows.annotate(documents=Coalesce(Subquery(counted), 0))

    def get_fieldsets(self, request: HttpRequest, obj: KnowledgeSource | None = None) -> Any:
        """A new one may be of any kind; one that is there has what belongs to its kind."""
        of_kinds = [
            ("Files", (Kind.FILES,), ["uploads"]),
            ("Text, or questions with answers", (Kind.TEXT, Kind.ANSWERS), ["content"]),
            ("Website or sitemap", (Kind.WEBSITE, Kind.SITEMAP), ["url", "max_depth", "max_pages"]),
            ("Records of this installation", (Kind.RECORDS,), ["records"]),
            ("Schedule", (Kind.WEBSITE, Kind.SITEMAP, Kind.RECORDS), ["sync_hours"]),
        ]
        about = ["name", "kind", "audience", "is_enabled", *(["told_state", "public_id"] if obj is not None else [])]
        shown = [(title, fields) for title, kinds, fields in of_kinds if obj is None or obj.kind in kinds]
        return [(None, {"fields": about}), *((title, {"fields": fields}) for title, fields in shown)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Its documents are of this kind.
        return [*self.readonly_fields, *(["kind"] if obj is not None else [])]

    def save_model(self, request: HttpRequest, obj: KnowledgeSource, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.public_id = obj.public_id or new_id("knowledge_source")
        super().save_model(request, obj, form, change)
        taken = [file for file in form.cleaned_data.get("uploads") or [] if self._put(request, obj, file)]
        if taken:
            documents.record_upload(obj, len(taken))
        if obj.kind != Kind.FILES:
            request_sync(obj)

    def delete_model(self, request: HttpRequest, obj: KnowledgeSource) -> None:
        documents.remove_source(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[KnowledgeSource]) -> None:
        for source in queryset:
            documents.remove_source(source)

    @admin.action(description="Read again", permissions=["change"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[KnowledgeSource]) -> None:
        for source in queryset:
            request_sync(source)
            for document in Document.objects.for_tenant(source.tenant_id).filter(
                source=source, source__kind=Kind.FILES
            ):
                documents.retry(document)
        messages.success(request, "They will be read again.")

    @admin.display(description="State")
    def told_state(self, source: KnowledgeSource) -> str:
        if source.error_code:
            return _words_of(source.error_code)
        return source.get_state_display()

    @admin.display(description="Documents")
    def documents_link(self, source: KnowledgeSource) -> SafeString:
        address, number = reverse("admin:chat_document_changelist"), source.documents  # type: ignore[attr-defined]
        words = f"{number} document{pluralize(number)}"
        return format_html('<a class="panel-link" href="{}?source__id__exact={}">{}</a>', address, source.pk, words)

    def _put(self, request: HttpRequest, source: KnowledgeSource, file: UploadedFile[Any]) -> bool:
        name = safe_name(file.name or "")
        try:
            documents.put(source, Loaded(name, name, _mime_of(name) or "", file.read()))
        except PlatformError as error:
            messages.error(request, f"{name}: {error.spec.message} {error.hint}")
            return False
        return True


@admin.register(Document)
class DocumentAdmin(TenantModelAdmin):
    may_view = Action.KNOWLEDGE_VIEW
    may_delete = Action.KNOWLEDGE_CHANGE
    section = Section.ASSISTANTS
    place = 3
    icon = "description"

    list_display = ["title", "source", "told_progress", "told_size", "updated_at"]
    list_filter = ["state", "source"]
    list_select_related = ["source", "tenant"]
    search_fields = ["title", "key"]
    ordering = ["-pk"]
    actions = ["read_again", "cancel_reading"]
    fields: ClassVar[list[str]] = [
        "title", "source", "told_progress", "page", "told_size", "mime", "key", "url", "version", "updated_at",
    ]  # fmt: skip
    readonly_fields = ["told_progress", "told_size", "page"]

    class Media:
        js = ["chatplatform/progress.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).defer("text", "pages")

    def get_urls(self) -> list[URLPattern]:
        ours = path("progress/", self.admin_site.admin_view(self.progress_view), name="chat_document_progress")
        return [ours, *super().get_urls()]

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """How far the documents are that the list shows: ``?id=1&id=2``."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = [
            int(each)
            for each in request.GET.getlist("id")[:200]
            if each.isascii() and each.isdigit() and len(each) < 19
        ]
        found = self.get_queryset(request).filter(pk__in=wanted)
        return JsonResponse({str(document.pk): _progress(document) for document in found})

    def has_teach_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).may(Action.KNOWLEDGE_CHANGE)

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        documents.remove(obj.tenant_id, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            documents.remove(document.tenant_id, [document])

    @admin.action(description="Read again", permissions=["teach"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            documents.retry(document)
        messages.success(request, "They will be read again.")

    @admin.action(description="Cancel reading", permissions=["teach"])
    def cancel_reading(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        stopped = sum(documents.cancel(document) for document in queryset)
        messages.success(request, f"{stopped} cancelled.")

    @admin.display(description="State")
    def told_progress(self, document: Document) -> SafeString:
        told = _progress(document)
        return format_html(
            '<span class="progress" data-document="{}" data-open="{}"><progress aria-label="{}" max="100" value="{}"{}></progress>'
            '<span class="progress-words">{}</span></span>',
            document.pk,
            "yes" if told["is_open"] else "",
            document.title,
            told["percent"],
            "" if told["is_open"] else SafeString(" hidden"),
            told["words"],
        )

    @admin.display(description="Size", ordering="size")
    def told_size(self, document: Document) -> str:
        return filesizeformat(document.size)

    @admin.display(description="What it says")
    def page(self, document: Document) -> SafeString | str:
        if not document.version:
            return "Nothing yet"
        address = reverse("document", args=[document.tenant.slug, document.public_id])
        return format_html('<a class="panel-link" href="{}">Read it</a>', address)


@admin.register(KnowledgeBase)
class KnowledgeBaseAdmin(SingleRowAdmin):
    may_view = Action.KNOWLEDGE_VIEW
    may_change = Action.KNOWLEDGE_CHANGE
    section = Section.ASSISTANTS
    place = 4
    icon = "manage_search"

    list_display = ["name", "language", "embedding_provider", "embedding_model"]
    fields = ["language", "embedding_provider", "embedding_model"]
    ordering = ["pk"]

    def nav_title(self, request: HttpRequest) -> str:
        return "Search in documents"

    @admin.display(description="Of")
    def name(self, base: KnowledgeBase) -> str:
        return f"Documents of {base.tenant}"

    def save_model(self, request: HttpRequest, obj: KnowledgeBase, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        # Words and vectors are made anew in the background.
        transaction.on_commit(lambda: wake(obj.tenant_id))


def _progress(document: Document) -> dict[str, Any]:
    """How far a document is, in words and in percent."""
    is_open = document.state in (Document.State.QUEUED, Document.State.WORKING)
    percent = round(100 * document.chunks_done / document.chunks_total) if document.chunks_total else 0
    words = str(document.get_state_display())
    if is_open and document.chunks_total:
        words = f"{document.chunks_done} of {document.chunks_total} passages"
    if document.error_code and document.state != Document.State.READY:
        words = _words_of(document.error_code)
    return {"is_open": is_open, "percent": percent, "words": words}


def _words_of(code: str) -> str:
    spec = ERRORS[code]
    return f"{spec.message} {spec.hint}"


def _mime_of(name: str) -> str | None:
    return next((mime for ending, mime in _ENDINGS.items() if name.lower().endswith(ending)), None)
