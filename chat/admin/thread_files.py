"""Files of a conversation on its page in the panel: the login that may read the conversation opens them, and no signed link."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from chat.models import Attachment, Thread
from chat.stores import files
from chat.stores.attachment_links import Use
from chatplatform.lib.files.kinds import INLINE


class PanelLinks:
    """Addresses of the files of one conversation, for its readers in the panel."""

    def __init__(self, thread: Thread, origin: str) -> None:
        self._thread, self._origin = thread, origin

    def link(self, attachment_id: str, use: Use) -> str:
        address = reverse("admin:chat_thread_file", args=[self._thread.pk, attachment_id])
        return f"{self._origin}{address}?{urlencode({'use': use})}"


def response(thread: Thread, attachment_id: str, *, is_preview: bool) -> HttpResponse:
    """A stored file of the conversation; nothing of it can run on our origin.

    Raises:
        Http404: the conversation has no such file.
    """
    rows = Attachment.objects.for_tenant(thread.tenant_id).filter(thread=thread, state=Attachment.State.STORED)
    found = rows.filter(public_id=attachment_id[:70]).first()
    if found is None:
        raise Http404
    mime = "image/jpeg" if is_preview else str(found.data["mime_type"])
    path = files.path_of(thread.tenant_id, found.public_id) + (files.PREVIEW if is_preview else "")
    try:
        with files.storage().open(path) as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    is_inline = mime in INLINE
    name = quote(found.data["name"], safe="")
    return HttpResponse(
        content,
        content_type=mime if is_inline else "application/octet-stream",
        headers={
            "Content-Disposition": f"{'inline' if is_inline else 'attachment'}; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )
