"""What the frame of the admin panel says of the page that it is around."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib import admin
from django.template.context import RequestContext
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("unfold/helpers/header_title.html", takes_context=True)
def where(context: RequestContext) -> dict[str, Any]:
    """The way to the page in the words of the navigation: its section, its list, its row."""
    opts, row = context.get("opts"), context.get("original")
    page = admin.site._registry.get(opts.model) if opts else None
    if opts is None or page is None:
        return {"parts": [{"title": context.get("title") or "Overview"}]}
    names = f"admin:{opts.app_label}_{opts.model_name}"
    section, name = str(page.section), page.nav_title(context["request"])  # type: ignore[attr-defined]
    parts: list[dict[str, Any]] = [
        *([{"title": section}] if section != name else []),
        {"title": name, "link": reverse(f"{names}_changelist")},
    ]
    if crumb := context.get("crumb"):
        parts.append({"title": crumb})
    elif row is not None and not isinstance(row, str):
        parts.append({"title": page.title_of(row), "link": reverse(f"{names}_change", args=[row.pk])})  # type: ignore[attr-defined]
    return {"parts": parts}
