"""Embeds: where a tenant's sites show an assistant, and the keys with which they sign who is speaking."""

from __future__ import annotations

import time
from typing import Any

import jwt
from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from chatplatform.lib.csp import showing_policy
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from chatplatform.lib.security_headers import permissions_policy
from tenants.models import Embed, EmbedSigningKey
from tenants.models.embed import MOST_ORIGINS, SHORTEST_SECRET, check_origin
from tenants.panel.addresses import address_of
from tenants.panel.base import Section, TenantForm, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action


class EmbedForm(TenantForm):
    """One site in each line."""

    allowed_origins = SimpleArrayField(
        forms.CharField(max_length=300, validators=[check_origin]),
        label="Sites",
        delimiter="\n",
        max_length=MOST_ORIGINS,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="The sites that may show it, one in each line, as https://www.example.com.",
    )


@admin.register(Embed)
class EmbedAdmin(TenantModelAdmin):
    """Below the form of an embed that exists: what to copy."""

    may_view = Action.EMBEDS_VIEW
    may_add = may_change = may_delete = Action.EMBEDS_CHANGE
    section = Section.ASSISTANTS
    place = 8
    icon = "web"
    form = EmbedForm
    change_form_outer_after_template = "admin/_embed_snippet.html"

    list_display = ["name", "assistant", "identity", "is_enabled"]
    list_filter = ["is_enabled", "identity"]
    list_select_related = ["assistant"]
    search_fields = ["name", "public_id"]
    ordering = ["name"]
    readonly_fields = ["public_id"]
    fieldsets = [
        (None, {"fields": ["name", "public_id", "assistant", "allowed_origins", "identity", "is_enabled"]}),
        (
            "Appearance",
            {
                "fields": [
                    "launcher_text",
                    "position",
                    "accent",
                    "on_accent",
                    "greeting",
                    "greeting_seconds",
                ]
            },
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/try/", self.admin_site.admin_view(require_safe(self.try_out)), name="tenants_embed_try"),
            path(
                "<int:pk>/try/token/", self.admin_site.admin_view(require_POST(self.token)), name="tenants_embed_token"
            ),
        ]
        return [*own, *super().get_urls()]

    def try_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An empty page with the embed on it, as a site would show it."""
        embed = self._embed(request, pk, Action.EMBEDS_VIEW)
        scope = scope_of(request)
        may_sign = scope.may(Action.EMBEDS_CHANGE) and not scope.is_reading and _signing_key(embed) is not None
        context = {"embed": embed, "signs": may_sign and embed.identity != Embed.Identity.NONE}
        response = render(request, "admin/embed_trial.html", context)
        response["Content-Security-Policy"] = showing_policy(f"{request.scheme}://{request.get_host()}")
        response["Permissions-Policy"] = permissions_policy("self")
        return response

    def token(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A signed identity of whoever tries it out: somebody of the test page, and nobody else."""
        embed = self._embed(request, pk, Action.EMBEDS_CHANGE)
        if scope_of(request).is_reading:
            raise PermissionDenied  # it lets somebody new into the chat
        key = _signing_key(embed)
        secret = key.key() if key is not None else None
        if key is None or secret is None:
            raise Http404
        key.note_use("a trial in the admin panel")
        user = scope_of(request).user
        claims = {
            "sub": f"trial-of-{user.pk}",
            "aud": embed.public_id,
            "exp": int(time.time()) + 60,
            "jti": new_id("request"),
            "name": str(user)[:120],
        }
        return HttpResponse(jwt.encode(claims, secret, key.algorithm, {"kid": key.key_id}), content_type="text/plain")

    def _embed(self, request: HttpRequest, pk: int, action: Action) -> Embed:
        if not scope_of(request).may(action):
            raise PermissionDenied
        embed: Embed | None = self.get_object(request, str(pk))
        if embed is None:
            raise Http404
        return embed

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        embed: Embed | None = context.get("original")
        script = f"{address_of(request, embed.tenant)}{reverse('embed_script')}" if embed else ""
        shown = {**context, "script_url": script}
        return super().render_change_form(request, shown, *args, **kwargs)


def _signing_key(embed: Embed) -> EmbedSigningKey | None:
    """A good key whose other half is here."""
    keys = EmbedSigningKey.objects.for_tenant(embed.tenant_id).filter(
        embed=embed, algorithm=EmbedSigningKey.Algorithm.HS256
    )
    return next((key for key in keys.order_by("-pk") if key.state != "retired"), None)


class KeyForm(TenantForm):
    """A secret comes in and never goes out again."""

    new_secret = forms.CharField(
        label="Secret",
        required=False,
        max_length=500,
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "password", "autocomplete": "new-password"}),
        help_text=f"For HS256, of at least {SHORTEST_SECRET} bytes: `openssl rand -base64 48` makes one. It is not shown again.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            return cleaned
        secret, algorithm = cleaned.get("new_secret"), cleaned.get("algorithm")
        if algorithm == EmbedSigningKey.Algorithm.HS256 and not secret:
            self.add_error("new_secret", "HS256 needs a secret.")
        elif secret and algorithm != EmbedSigningKey.Algorithm.HS256:
            self.add_error("new_secret", "Only HS256 has a secret.")
        elif secret:
            try:
                self.instance.set_secret(secret)
            except forms.ValidationError as error:
                self.add_error("new_secret", error)
            except PlatformError as error:
                self.add_error("new_secret", f"{error.spec.message} {error.hint}")
        return cleaned


@admin.register(EmbedSigningKey)
class EmbedSigningKeyAdmin(TenantModelAdmin):
    """What a key is never changes; only when it ends does."""

    may_view = Action.EMBEDS_VIEW
    may_add = may_change = may_delete = Action.EMBEDS_CHANGE
    section = Section.ASSISTANTS
    icon = "key"
    form = KeyForm

    list_display = ["key_id", "embed", "algorithm", "state"]
    list_filter = ["algorithm"]
    list_select_related = ["embed"]
    search_fields = ["key_id"]
    ordering = ["key_id"]
    fields = ["embed", "key_id", "algorithm", "new_secret", "public_key", "retires_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: EmbedSigningKey | None = None) -> list[str]:
        return ["embed", "key_id", "algorithm", "public_key"] if obj else []

    def get_fields(self, request: HttpRequest, obj: EmbedSigningKey | None = None) -> list[str]:
        return [name for name in self.fields if not (obj and name == "new_secret")]
