"""`manage.py resume_tenant`: open a suspended tenant again."""

from __future__ import annotations

from typing import ClassVar

from tenants import actions
from tenants.management.commands import suspend_tenant


class Command(suspend_tenant.Command):
    help = "Open a suspended tenant again.  Chat sessions that have not ended by their age go on."
    name: ClassVar[str] = "resume_tenant"
    verb = staticmethod(actions.resume_tenant)
    done: ClassVar[str] = "is open again"
