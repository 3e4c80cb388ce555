"""Assistants: edit a draft and try it beside the form, publish it, compare versions, and go back to an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts import sessions
from accounts.models import EndUser, User
from chat.admin.draft_form import DraftForm
from chat.admin.options import words_of
from chat.agents.providers.accounts import can_be_asked
from chat.agents.providers.registry import PROVIDERS
from chat.client_options import client_options
from chat.models import Thread
from chat.page_options import page_config
from chatplatform.lib.ids import new_id
from tenants import actions, confinement, hosts, plans, versions
from tenants.models import Assistant, AssistantVersion, AuditEvent
from tenants.panel.addresses import chat_of
from tenants.panel.base import Section, TenantForm, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action

#: What needs the page's loader, which is not there beside a form.
_OF_THE_PAGE = ("entities", "commands")


class AssistantForm(TenantForm):
    def _get_validation_exclusions(self) -> set[str]:
        """That there is one default is no mistake: who becomes it takes the place of the other one."""
        return super()._get_validation_exclusions() | {"is_default"}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            plans.check_assistants(self.tenant)
        return given


@admin.register(Assistant)
class AssistantAdmin(TenantModelAdmin):
    may_view = Action.ASSISTANTS_VIEW
    may_add = may_change = Action.ASSISTANTS_CHANGE
    section = Section.ASSISTANTS
    place = 1
    icon = "smart_toy"
    form = AssistantForm
    change_form_before_template = "admin/tenants/assistant/_links.html"

    list_display = ["name", "slug", "is_enabled", "comes_first", "answering"]
    list_select_related = ["published_version"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    fields = ["name", "slug", "is_enabled", "is_default"]

    @display(description="Default", label=True)  # type: ignore[untyped-decorator]
    def comes_first(self, assistant: Assistant) -> str | None:
        return "Default" if assistant.is_default else None

    @admin.display(description="Answers with")
    def answering(self, assistant: Assistant) -> str:
        version = assistant.published_version
        return f"Version {version.number}" if version else "Nothing yet: publish a draft"

    def save_model(self, request: HttpRequest, obj: Assistant, form: Any, change: bool) -> None:  # noqa: FBT001
        before = actions.retire_default(obj) if obj.is_default else None
        super().save_model(request, obj, form, change)
        if before is not None:
            messages.info(request, f"{before} is not the default any more.")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        assistant: Assistant | None = context.get("original")
        is_shown = assistant and assistant.is_enabled and assistant.is_default and assistant.published_version_id
        shown = {**context, "chat_address": chat_of(request, assistant.tenant) if assistant and is_shown else ""}
        return super().render_change_form(request, shown, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., Any]) -> Any:
            name = f"tenants_assistant_{route}"
            return path(f"<path:object_id>/{route}/", self.admin_site.admin_view(self._guarded(view)), name=name)

        return [
            page("draft", self._draft),
            page("preview", self._preview),
            page("compare", self._compare),
            *super().get_urls(),
        ]

    def _guarded(self, view: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(request: HttpRequest, object_id: str) -> Any:
            return self._in_tenant_of(request, object_id, self._opened, view)

        return guarded

    def _opened(self, request: HttpRequest, object_id: str, view: Callable[..., Any]) -> Any:
        """A page of one assistant, for those who may change it."""
        if not scope_of(request).may(Action.ASSISTANTS_CHANGE):
            raise PermissionDenied
        assistant = self.get_object(request, object_id)
        if assistant is None:
            raise Http404
        return view(request, assistant)

    def _draft(self, request: HttpRequest, assistant: Assistant) -> HttpResponse:
        """The form, and the draft itself beside it.  `POST` saves, publishes or goes back."""
        if number := request.POST.get("roll_back", ""):
            return self._roll_back(request, assistant, number)
        begins = versions.draft_of if request.method == "POST" else versions.draft_or_next
        draft = begins(assistant)
        without_key = _without_key(draft)
        form = DraftForm(draft, request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            AuditEvent.record(assistant.tenant_id, "assistantversion.change", draft)
            messages.success(request, "The draft was saved.")
            if "publish" in request.POST:
                published = versions.publish(assistant)
                AuditEvent.record(assistant.tenant_id, "assistantversion.publish", published)
                messages.success(request, f"Version {published.number} answers from now on.")
            return _back(assistant)
        context = {
            "title": f"{assistant}: draft of version {draft.number}",
            "crumb": assistant,
            "assistant": assistant,
            "form": form,
            "sections": list(form.sections()),
            "versions": versions.versions_of(assistant),
            "recording": self._config(request, assistant, draft),
            "workflow": draft.workflow,
            "without_key": without_key,
            "may_add_key": scope_of(request).may(Action.KEYS_CHANGE),
        }
        return self._page(request, "draft", context)

    def _roll_back(self, request: HttpRequest, assistant: Assistant, number: str) -> HttpResponse:
        version = versions.roll_back(assistant, int(number)) if number.isdecimal() and len(number) < 9 else None
        if version is None:
            raise Http404
        AuditEvent.record(assistant.tenant_id, "assistantversion.roll_back", version)
        messages.success(request, f"Version {version.number} answers again.")
        return _back(assistant)

    def _compare(self, request: HttpRequest, assistant: Assistant) -> HttpResponse:
        """What differs between two versions: `?old=` and `?new=` are their numbers."""
        known = {str(version.number): version for version in versions.versions_of(assistant)}
        old, new = known.get(request.GET.get("old", "")), known.get(request.GET.get("new", ""))
        if old is None or new is None:
            raise Http404
        context = {
            "title": f"{assistant}: version {old.number} and version {new.number}",
            "crumb": assistant,
            "assistant": assistant,
            "compared": (old, new),
            "differences": [(words_of(each.name), each.old, each.new) for each in versions.differences(old, new)],
        }
        return self._page(request, "compare", context)

    @transaction.atomic
    def _preview(self, request: HttpRequest, assistant: Assistant) -> JsonResponse:
        """A chat session with the draft, for whoever edits it.  What was tried before is gone then."""
        if request.method != "POST" or not isinstance(request.user, User):
            raise PermissionDenied
        tenant_id = assistant.tenant_id
        tester, _created = EndUser.objects.for_tenant(tenant_id).get_or_create(
            tenant_id=tenant_id,
            user=request.user,
            kind=EndUser.Kind.PREVIEW,
            defaults={"public_id": new_id("end_user"), "display_name": request.user.name},
        )
        Thread.objects.for_tenant(tenant_id).filter(end_user=tester, assistant=assistant).delete()
        issued = sessions.issue(
            end_user=tester,
            assistant=assistant,
            origin="",
            version=versions.draft_of(assistant),
            sign_in=confinement.vouching(request),
        )
        return JsonResponse({"client_secret": issued.token})

    def _config(self, request: HttpRequest, assistant: Assistant, draft: AssistantVersion) -> dict[str, Any]:
        """What the viewer (frontend/src/viewer/) needs to show the draft."""
        config = page_config(
            tenant=assistant.tenant.slug,
            assistant=assistant.slug,
            options={
                name: value for name, value in client_options(draft.client_options).items() if name not in _OF_THE_PAGE
            },
            hosted=False,
            names_tenant=hosts.tenant_slug_of_host(request.get_host()) is None,
            locale=None,
            thread=None,
        )
        preview = reverse("admin:tenants_assistant_preview", args=[assistant.pk])
        return {
            "openUrl": static("chatkit/client.js"),
            "options": config["options"],
            "preview": {"sessionUrl": preview, "csrf": get_token(request), "runsUrl": config["runsUrl"]},
        }

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/tenants/assistant/{name}.html", everywhere)


def _without_key(draft: AssistantVersion) -> str:
    """The title of the draft's provider, where neither the tenant nor the installation can ask it or a fallback."""
    names = ["openai"] if draft.workflow else [draft.provider, *(each["provider"] for each in draft.fallbacks)]
    providers = [PROVIDERS.get(name) for name in names]
    if any(provider is None or can_be_asked(provider, draft.tenant_id) for provider in providers):
        return ""
    return providers[0].title if providers[0] else ""


def _back(assistant: Assistant) -> HttpResponse:
    return redirect(reverse("admin:tenants_assistant_draft", args=[assistant.pk]))
