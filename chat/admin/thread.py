"""Conversations: find them, read them as their users saw them, write notes, take them out, and look into their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from chat import removal
from chat.admin import exports, states, thread_files, transcripts
from chat.models import Feedback, ReviewNote, Run, RunTrace, Thread
from chat.stores import review_queries as review
from chat.stores import word_search
from chatplatform.lib.errors import PlatformError
from tenants.models import Assistant, AuditEvent, Usage
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.deletion import DeletesContents
from tenants.panel.scope import scope_of
from tenants.permissions import Action

#: Rows of a list.
PAGE = 50
_LARGEST_KEY = 2**63 - 1


class FilterForm(forms.Form):
    """What the list is asked for."""

    q = forms.CharField(label="Words", max_length=200, required=False)
    assistant = forms.ModelChoiceField(Assistant._base_manager.none(), required=False, empty_label="Any")
    state = forms.ChoiceField(
        choices=[("", "Any"), ("open", "Open"), ("waiting", "Waiting for a person"), *Thread.Status.choices[1:]],
        required=False,
    )
    feedback = forms.ChoiceField(choices=[("", "Any"), *Feedback.Kind.choices], required=False)
    outcome = forms.ChoiceField(label="An answer was", choices=[("", "Any"), *Run.State.choices], required=False)
    since = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.IntegerField(min_value=1, max_value=_LARGEST_KEY, required=False, widget=forms.HiddenInput)
    back = forms.IntegerField(min_value=1, max_value=_LARGEST_KEY, required=False, widget=forms.HiddenInput)

    def wanted(self, tenant_id: int | None) -> review.Wanted:
        """What was asked for, without what cannot be.  Words are looked for already, in one tenant or in all of them."""
        self.is_valid()
        given = self.cleaned_data
        assistant, words = given.get("assistant"), given.get("q")
        return review.Wanted(
            hits=word_search.search(words, tenant_id, given.get("back")) if words else None,
            assistant=assistant.pk if assistant else None,
            state=given.get("state") or "",
            feedback=given.get("feedback") or "",
            outcome=given.get("outcome") or "",
            since=given.get("since"),
            until=given.get("until"),
        )


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A reviewer's note."""

    class Meta:
        model = ReviewNote
        fields = ["text"]
        widgets = {"text": forms.Textarea({"rows": 3})}
        labels = {"text": "New note"}


@admin.register(Thread)
class ThreadAdmin(DeletesContents, TenantModelAdmin):
    may_view = Action.CONVERSATIONS_VIEW
    may_delete = Action.CONVERSATIONS_DELETE
    delete_verb = removal.delete_thread
    section = Section.CONVERSATIONS
    place = 1
    icon = "chat"

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"chat_thread_{name}")

        return [
            page("export/", require_POST(self.export_view), "export"),
            page("<path:object_id>/runs/<str:run_id>/", self.run_view, "run"),
            page("<path:object_id>/files/<str:attachment_id>/", require_safe(self.file_view), "file"),
            page("<path:object_id>/state/", require_POST(self.state_view), "state"),
            *super().get_urls(),
        ]

    # ---- the list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A page of conversations, newest first.  Nothing is counted, and no page is dearer than the first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form, wanted, rows = self._asked(request)
        threads, after = review.page(rows, form.cleaned_data.get("before"), PAGE)
        verdicts = review.verdicts_of(threads)
        asked = {name: value for name, value in form.data.items() if name in form.fields and name != "before" and value}
        hits, newest = wanted.hits, {name: value for name, value in asked.items() if name != "back"}
        context = {
            "title": "Conversations",
            "form": form,
            "rows": [(thread, _state(thread), verdicts[thread.pk]) for thread in threads],
            "is_filtered": bool(asked),
            "is_first": not form.cleaned_data.get("before") and asked == newest,
            "first": f"?{urlencode(newest)}",
            "next": f"?{urlencode({**asked, 'before': after})}" if after else "",
            "oldest": hits.oldest if hits else None,
            "further": f"?{urlencode({**newest, 'back': hits.until})}" if hits and hits.until else "",
            "exports": urlencode(asked),
            "may_export": scope_of(request).may(Action.CONVERSATIONS_EXPORT),
            "most_threads": exports.MOST_THREADS,
        }
        return self._page(request, "list", context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The newest of the conversations that were asked for, as a file."""
        if not scope_of(request).may(Action.CONVERSATIONS_EXPORT):
            raise PermissionDenied
        kind: exports.Format = "csv" if request.POST.get("format") == "csv" else "jsonl"
        _form, _wanted, rows = self._asked(request)
        threads, _after = review.page(rows, None, exports.MOST_THREADS)
        for tenant_id in {thread.tenant_id for thread in threads}:
            AuditEvent.record(tenant_id, "thread.export")
        mime = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
        given = {"Content-Disposition": f'attachment; filename="conversations.{kind}"'}
        return HttpResponse(exports.export(threads, kind), content_type=mime, headers=given)

    def _asked(self, request: HttpRequest) -> tuple[FilterForm, review.Wanted, Any]:
        scope = scope_of(request)
        form = FilterForm(request.GET)
        if scope.tenant is None:  # The assistants of everybody are thousands, and most of them have the same names.
            del form.fields["assistant"]
        else:
            form.fields["assistant"].queryset = scope.rows(Assistant).order_by("name")  # type: ignore[attr-defined]
        wanted = form.wanted(scope.tenant.pk if scope.tenant else None)
        return form, wanted, review.found(scope.rows(Thread), wanted)

    # ---- one conversation

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The conversation; `POST` adds a note."""
        return self._in_tenant_of(request, object_id, self._conversation)  # type: ignore[no-any-return]

    def run_view(self, request: HttpRequest, object_id: str, run_id: str) -> HttpResponse:
        """Everything that is kept of one answer."""
        return self._in_tenant_of(request, object_id, self._run, run_id)  # type: ignore[no-any-return]

    def file_view(self, request: HttpRequest, object_id: str, attachment_id: str) -> HttpResponse:
        """A file of the conversation; ``?use=preview`` is the small copy of an image."""
        return self._in_tenant_of(request, object_id, self._file, attachment_id)  # type: ignore[no-any-return]

    def _file(self, request: HttpRequest, object_id: str, attachment_id: str) -> HttpResponse:
        thread = self._thread(request, object_id)
        return thread_files.response(thread, attachment_id, is_preview=request.GET.get("use") == "preview")

    def state_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open, lock or close the conversation, or let it wait for a person."""
        return self._in_tenant_of(request, object_id, self._change_state)  # type: ignore[no-any-return]

    def _change_state(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not scope_of(request).may(Action.CONVERSATIONS_STATE):
            raise PermissionDenied
        thread = self._thread(request, object_id)
        form = states.StateForm(request.POST)
        try:
            if form.is_valid():
                states.change_state(thread, form.cleaned_data["state"], form.cleaned_data["reason"])
                messages.success(request, f"The conversation is now: {states.STATES[form.cleaned_data['state']]}.")
            else:
                messages.error(request, "Choose one of the states, and give a reason of at most 500 characters.")
        except PlatformError as error:
            messages.error(request, f"{error.spec.message} {error.hint}")
        return redirect(reverse("admin:chat_thread_change", args=[thread.pk]))

    def _conversation(self, request: HttpRequest, object_id: str) -> HttpResponse:
        thread = self._thread(request, object_id)
        scope = scope_of(request)
        may_review = scope.may(Action.CONVERSATIONS_REVIEW)
        form = NoteForm(request.POST or None)
        if request.method == "POST":
            if not may_review:
                raise PermissionDenied
            if form.is_valid():
                note = form.save(commit=False)
                note.tenant_id, note.thread, note.author = thread.tenant_id, thread, request.user
                with transaction.atomic():
                    note.save()
                    AuditEvent.record(thread.tenant_id, "reviewnote.add", note)
                messages.success(request, "The note was added.")
                return redirect(reverse("admin:chat_thread_change", args=[thread.pk]))
        before = request.GET.get("before", "")
        recording, older = transcripts.transcript(
            thread,
            int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
            _origin(request),
        )
        runs = list(Run.objects.for_tenant(thread.tenant_id).filter(thread=thread).order_by("-pk")[:PAGE])
        used = _usage_of(thread, runs)
        verdicts = Feedback.objects.for_tenant(thread.tenant_id).filter(item__thread=thread).select_related("item")
        notes = ReviewNote.objects.for_tenant(thread.tenant_id).filter(thread=thread).select_related("author")
        context = {
            "title": thread.title or "Untitled conversation",
            "crumb": thread.title or "Untitled conversation",
            "thread": thread,
            "state": _state(thread),
            "recording": recording,
            "older": older,
            "is_newest": not before,
            "runs": [(run, used.get(run.public_id)) for run in runs],
            "verdicts": [(verdict, _words(verdict.item.data)) for verdict in verdicts.order_by("-pk")[:PAGE]],
            "notes": notes.order_by("-pk")[:PAGE],
            "note_form": form if may_review else None,
            "state_form": self._state_form(thread) if scope.may(Action.CONVERSATIONS_STATE) else None,
            "may_debug": scope.may(Action.RUNS_DEBUG),
            "may_delete": scope.may(Action.CONVERSATIONS_DELETE),
        }
        return self._page(request, "conversation", context)

    @staticmethod
    def _state_form(thread: Thread) -> states.StateForm:
        return states.StateForm(initial={"state": states.state_of(thread), "reason": thread.status_reason or ""})

    def _run(self, request: HttpRequest, object_id: str, run_id: str) -> HttpResponse:
        if not scope_of(request).may(Action.RUNS_DEBUG):
            raise PermissionDenied
        thread = self._thread(request, object_id)
        run = Run.objects.for_tenant(thread.tenant_id).filter(thread=thread, public_id=run_id[:70]).first()
        if run is None:
            raise Http404
        trace = RunTrace.objects.for_tenant(thread.tenant_id).filter(run=run).first()
        context = {
            "title": f"Answer of {run.created_at:%d %b %Y, %H:%M:%S}",
            "crumb": thread.title or "Untitled conversation",
            "thread": thread,
            "run": run,
            "used": _usage_of(thread, [run]).get(run.public_id),
            "trace": trace,
            "recording": transcripts.replay(thread, run, trace, _origin(request)) if trace else None,
        }
        return self._page(request, "run", context)

    def _thread(self, request: HttpRequest, object_id: str) -> Thread:
        if not self.has_view_permission(request):
            raise PermissionDenied
        thread: Thread | None = self.get_object(request, object_id)
        if thread is None:
            raise Http404
        return thread

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("assistant", "end_user")

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/chat/thread/{name}.html", everywhere)


def _state(thread: Thread) -> str:
    return states.STATES[states.state_of(thread)]


def _usage_of(thread: Thread, runs: list[Run]) -> dict[str, Usage]:
    used = Usage.objects.for_tenant(thread.tenant_id).filter(run__in=[run.public_id for run in runs])
    return {row.run: row for row in used}


def _words(item: dict[str, Any]) -> str:
    """The beginning of what a verdict is about."""
    texts = [part.get("text", "") for part in item.get("content") or [] if isinstance(part, dict)]
    return " ".join(" ".join(texts).split())[:200] or item.get("type", "")


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
