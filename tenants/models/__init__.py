"""Who pays and what they may do.  Outside code imports models from this package only.

Direction inside: tenant < domain, membership, assistant.
"""

from tenants.models.tenant import Tenant  # isort: skip  (the manager of the others needs it)
from tenants.models.assistant import Assistant, AssistantVersion
from tenants.models.domain import Domain
from tenants.models.membership import Membership

__all__ = ["Assistant", "AssistantVersion", "Domain", "Membership", "Tenant"]
