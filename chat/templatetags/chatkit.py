"""``{% chatkit %}``: the chat on a page of this installation."""

from __future__ import annotations

import logging
from typing import Any

from django import template

from accounts import identity
from chat.client_options import locale_of
from chat.page_options import is_hosted, options_of, page_config
from chatplatform.lib.csp import USES_CHATKIT
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_storable_id
from tenants import hosts
from tenants.models import Assistant, Tenant

logger = logging.getLogger(__name__)
register = template.Library()


@register.inclusion_tag("chat/_chatkit.html", takes_context=True)
def chatkit(
    context: template.Context, assistant: Assistant | str | None = None, *, tenant: Tenant | str | None = None
) -> dict[str, Any]:
    """Render ``<openai-chatkit>``, its configuration and the loader.

    ``{% chatkit %}`` shows the default assistant, ``{% chatkit "slug" %}`` or ``{% chatkit assistant %}`` a certain one.  The
    tenant is that of the host, else ``tenant=``, else the variable ``tenant`` of the page.  What is unknown, suspended or not
    published shows a sentence instead.  The page's template needs the request; who may open the page is for its view to decide.
    """
    request = context["request"]
    host_slug = hosts.tenant_slug_of_host(request.get_host())
    try:
        owner = _tenant(host_slug or tenant or context.get("tenant"))
        shown = assistant if isinstance(assistant, Assistant) else identity.assistant_named(owner, assistant)
        if shown.tenant_id != owner.pk:
            raise PlatformError("not_found")
        options = options_of(shown)
    except PlatformError as error:
        logger.info("a page shows no chat: %s", error.code)
        return {"config": None}
    request.META[USES_CHATKIT] = True
    return {
        "config": page_config(
            tenant=owner.slug,
            assistant=shown.slug,
            options=options,
            hosted=is_hosted(shown.published_version_id, owner.pk),
            names_tenant=host_slug is None,
            locale=locale_of(request.headers.get("Accept-Language", "")),
            thread=_thread(request.GET.get("thread", "")),
        )
    }


def _tenant(given: Tenant | str | None) -> Tenant:
    if isinstance(given, Tenant) and given.is_active:
        return given
    return identity.tenant_named(given.slug if isinstance(given, Tenant) else given)


def _thread(given: str) -> str | None:
    return given if is_storable_id(given) else None
