"""Who pays and what they may do.  Outside code imports models from this package only.

Direction inside: tenant < domain, impersonation, membership < invitation, assistant, audit_event, data_key < provider_key, embed,
http_tool < mcp_server, sign_in, quota, usage, usage_day.
"""

from tenants.models.tenant import Tenant  # isort: skip  (the manager of the others needs it)
from tenants.models.assistant import Assistant, AssistantVersion
from tenants.models.audit_event import AuditEvent, PlatformEvent
from tenants.models.data_key import DataKey
from tenants.models.domain import Domain
from tenants.models.embed import Embed, EmbedSigningKey
from tenants.models.http_tool import HttpTool
from tenants.models.impersonation import Impersonation
from tenants.models.invitation import Invitation
from tenants.models.mcp_server import McpServer
from tenants.models.membership import Membership
from tenants.models.provider_key import ProviderKey
from tenants.models.quota import Quota
from tenants.models.sign_in import SignIn
from tenants.models.usage import Usage
from tenants.models.usage_day import UsageDay

__all__ = [
    "Assistant",
    "AssistantVersion",
    "AuditEvent",
    "DataKey",
    "Domain",
    "Embed",
    "EmbedSigningKey",
    "HttpTool",
    "Impersonation",
    "Invitation",
    "McpServer",
    "Membership",
    "PlatformEvent",
    "ProviderKey",
    "Quota",
    "SignIn",
    "Tenant",
    "Usage",
    "UsageDay",
]
