"""ThreadItem: a message, widget, tool call or note in a thread."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from chat.models.run import Run
from chat.models.thread import Thread
from chatplatform.lib.ids import MAX_ID_LENGTH
from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models import Tenant


class ThreadItem(models.Model):
    """An item.  ``data`` is ChatKit's item JSON as it goes over the wire, with every field that came with it.

    The bigint key is the position in the thread: an item that is saved again keeps its place.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    thread = models.ForeignKey(
        Thread, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    run = models.ForeignKey(
        Run, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    public_id = models.CharField(max_length=MAX_ID_LENGTH)
    type = models.CharField(max_length=40)
    is_hidden = models.BooleanField(default=False, help_text="For the model only; never sent to a browser.")
    data = models.JSONField()
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("threaditem_tenant_key"),
            # Serves: load, save, delete and upsert of one item.
            models.UniqueConstraint(fields=["thread", "public_id"], name="threaditem_id_unique"),
            TenantForeignKey(field="thread", to="chat.Thread", name="threaditem_thread_of_tenant"),
            TenantForeignKey(field="run", to="chat.Run", name="threaditem_run_of_tenant", on_delete="SET NULL"),
        ]
        indexes = [
            # Serves: items.list and the model's history, keyset on id, both directions.
            models.Index(fields=["thread", "id"], name="threaditem_list"),
            # Migration 0012 adds threaditem_found, the full-text index of `chat.stores.word_search`.
        ]

    def __str__(self) -> str:
        return self.public_id
