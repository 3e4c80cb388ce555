"""What every page of the admin panel is made of: a declared permission, and rows of one tenant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import NON_FIELD_ERRORS, ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from tenants.managers import TenantManager
from tenants.models import AuditEvent, PlatformEvent, Tenant
from tenants.models.audit_event import NOT_SHOWN, audit_id, values_of
from tenants.panel.filters import RelatedRowsFilter, lookups_of
from tenants.panel.scope import narrow, scope_of
from tenants.permissions import Action
from tenants.scope import tenant_scope

#: The hidden field that says for which tenant a form was opened.
TENANT_FIELD = "_tenant"


class Section(StrEnum):
    """The groups of the panel's navigation, in their order."""

    OVERVIEW = "Overview"
    CONVERSATIONS = "Conversations"
    ASSISTANTS = "Assistants"
    TENANT = "Tenant"
    PLATFORM = "Platform"


class PanelAdmin(ModelAdmin):  # type: ignore[misc]  # unfold comes without types
    """A page that declares who may do what on it.  Django's own permissions play no part.

    ``may_view`` and the others name an action of `tenants.permissions`; None means nobody.
    """

    may_view: ClassVar[Action | None] = None
    may_add: ClassVar[Action | None] = None
    may_change: ClassVar[Action | None] = None
    may_delete: ClassVar[Action | None] = None
    section: ClassVar[Section] = Section.TENANT
    #: Where the page stands within its section; those that say nothing are last.
    place: ClassVar[int] = 9
    #: A name of Material Symbols.
    icon: ClassVar[str] = "circle"
    #: Filters of the list that links of ours ask for, beside those that it offers.
    further_lookups: ClassVar[tuple[str, ...]] = ()

    # Lists of a million rows are not counted.
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    view_on_site = False
    compressed_fields = True
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True

    def __init__(self, model: type[models.Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if self.may_view is None:
            raise ImproperlyConfigured(f"{type(self).__name__} declares no permission: who may see it?")

    def nav_title(self, request: HttpRequest) -> str:
        """What the navigation calls it."""
        return capfirst(str(self.opts.verbose_name_plural))

    def title_of(self, obj: Any) -> str:
        """What the page of one row is called."""
        return str(obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_view, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.may_add, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_change, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_delete, obj)

    def tenant_of(self, obj: Any) -> int | None:
        """In whose audit trail a change of this row is written; None is the platform's own."""
        return None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        columns = {field.name: field for field in self.opts.concrete_fields}
        before = {name: form.initial.get(name) for name in form.changed_data if change and name in columns}
        # A field of the form that is no column is written and never read: what it holds is a secret.
        after = {
            name: columns[name].value_from_object(obj) if name in columns else NOT_SHOWN for name in form.changed_data
        }
        self._record(obj, "change" if change else "add", before=before, after=after)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail takes the place of Django's log: `save_model` wrote it down."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """As for `log_addition`."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self._record(obj, "delete", before=values_of(obj))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow what the list's own filters ask for.  Rows that come and go would spell out any other column."""
        shown = self.get_list_filter(request) if request is not None else self.list_filter
        return lookup in lookups_of(self.model, shown) | set(self.further_lookups)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list.  A filter that it does not have is answered as Django answers one on a column that does not exist."""
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
        except DisallowedModelAdminLookup:
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = context.get("original")
        trail = Action.AUDIT_VIEW if row is not None and self.tenant_of(row) else Action.PLATFORM_AUDIT_VIEW
        shown = {**context, "show_history": row is not None and scope_of(request).may(trail)}
        return super().render_change_form(request, shown, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The row's events in the audit trail."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        events = "auditevent" if self.tenant_of(row) else "platformevent"
        query = urlencode({"target_type__exact": self.opts.model_name, "target_id__exact": audit_id(row)})
        return redirect(f"{reverse(f'admin:tenants_{events}_changelist')}?{query}")

    def _record(self, obj: Any, verb: str, **values: Any) -> None:
        tenant, action = self.tenant_of(obj), f"{self.opts.model_name}.{verb}"
        if tenant is None:
            PlatformEvent.record(action, obj, **values)
        else:
            AuditEvent.record(tenant, action, obj, **values)

    def _may(self, request: HttpRequest, action: Action | None, obj: Any) -> bool:
        return scope_of(request).may(action)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, *_: Any) -> HttpResponse:
        """A row that is out of reach is one that does not exist."""
        raise Http404


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of a row that belongs to a tenant, which is given and never asked for."""

    tenant: ClassVar[Tenant]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.tenant_id is None:
            self.instance.tenant = self.tenant

    def _get_validation_exclusions(self) -> set[str]:
        """Uniqueness within the tenant is checked although nobody sees the tenant."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs lack it
        return excluded - {"tenant"}

    def add_error(self, field: str | None, error: Any) -> None:
        """That a name is taken within the tenant is said at the field of the name."""
        if field is None and hasattr(error, "error_dict"):
            taken = [
                (name, one)
                for one in error.error_dict.get(NON_FIELD_ERRORS, [])
                for name in reversed((one.params or {}).get("unique_check", ()))
                if name in self.fields
            ]
            for name, one in taken:
                error.error_dict[NON_FIELD_ERRORS].remove(one)
                super().add_error(name, "Another one has this already.")
        super().add_error(field, error)


class TenantModelAdmin(PanelAdmin):
    """The page of a model that a tenant owns.

    Lists, searches, filters, actions and autocompletes are limited to the scope's rows, the choices of foreign keys likewise, and
    a new row belongs to the scope's tenant.  Staff that looks at all tenants finds a column for the tenant, and works in a row's
    own tenant when it opens one.
    """

    form = TenantForm
    #: Whether its forms take files, and so large bodies (`chatplatform.lib.bodies`).
    takes_files = False
    change_form_before_template = "admin/_tenant_field.html"

    def tenant_of(self, obj: Any) -> int | None:
        tenant: int = obj.tenant_id
        return tenant

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        # Django leaves `list_select_related` out where a queryset has joins of its own.
        rows = scope_of(request).rows(self.model).select_related("tenant", *(self.list_select_related or ()))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        columns = [*super().get_list_display(request)]
        return columns if scope_of(request).tenant else [columns[0], "tenant", *columns[1:]]

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Filters by a foreign key offer the rows that the scope reaches.

        Raises:
            ImproperlyConfigured: a filter would offer rows that belong to no tenant.
        """
        filters: list[Any] = []
        for name in super().get_list_filter(request):
            field = self.opts.get_field(name) if isinstance(name, str) and "__" not in name else None
            if not isinstance(field, models.ForeignKey):
                filters.append(name)
                continue
            if not _is_owned(field.remote_field.model):
                raise ImproperlyConfigured(f"{type(self).__name__} cannot filter by {name}: it would show all of them.")
            filters.append((name, RelatedRowsFilter))
        return filters

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*(super().get_exclude(request, obj) or ()), "tenant"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = kwargs.pop("form", self.form)
        # Django takes declared fields that are only read out of a form of its own making, which this one is not.
        read = dict.fromkeys(name for name in self.get_readonly_fields(request, obj) if name in form.declared_fields)
        bound = type(form.__name__, (form,), {"tenant": scope_of(request).tenant, **read})
        return super().get_form(request, obj, change, form=bound, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        related = db_field.remote_field.model
        if "queryset" not in kwargs:
            kwargs["queryset"] = scope_of(request).rows(related) if _is_owned(related) else related.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new row needs a tenant: staff chooses one first."""
        return scope_of(request).tenant is not None and super().has_add_permission(request)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        scope = scope_of(request)
        if object_id is not None:
            return self._in_tenant_of(request, object_id, super().changeform_view, *args, **kwargs)
        opened_for = request.POST.get(TENANT_FIELD)
        if scope.tenant is not None and opened_for not in (None, scope.tenant.slug):
            messages.error(
                request,
                f"Nothing was saved: this form was opened for another tenant, and you now work in {scope.tenant}.",
            )
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return super().changeform_view(request, object_id, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        return self._in_tenant_of(request, object_id, super().delete_view, *args, **kwargs)

    def _may(self, request: HttpRequest, action: Action | None, obj: Any) -> bool:
        tenant = scope_of(request).tenant
        is_foreign = obj is not None and tenant is not None and obj.tenant_id != tenant.pk
        return not is_foreign and super()._may(request, action, obj)

    def _in_tenant_of(
        self, request: HttpRequest, object_id: str, view: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        if scope_of(request).tenant is not None:
            return view(request, object_id, *args, **kwargs)
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        narrow(request, row.tenant)
        with tenant_scope(row.tenant):
            response = view(request, object_id, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response


def _is_owned(model: type[models.Model]) -> bool:
    return isinstance(model._default_manager, TenantManager)
