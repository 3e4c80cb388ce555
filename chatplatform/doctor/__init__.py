"""`manage.py doctor`: what is wrong with an installation, part by part.

Each check is one function that asks the real thing.  What an installation must hold at every start is a system check
(`chatplatform.checks`, `tenants.checks`), and what a balancer asks is `chatplatform.health`; the doctor asks both, and looks at
what takes longer or leaves a trace.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatplatform.doctor import configuration, database, files, providers, services
from chatplatform.doctor.findings import Check, Finding
from chatplatform.doctor.public_address import PublicAddress

#: Without one of these there is no point in asking on.
_FOUNDATION: tuple[Check, ...] = (database.serves, database.is_migrated)
_PARTS: dict[str, tuple[Check, ...]] = {
    "configuration": (
        configuration.system_checks,
        configuration.has_address,
        configuration.counts_proxies,
        configuration.opens_secrets,
    ),
    "database": (
        database.has_extension,
        database.searches_use_indexes,
        database.has_connections,
        database.has_our_time,
    ),
    "services": (services.behind_us,),
    "files": (files.attachments_are_kept, files.attachments_came_along, files.client_is_there),
}


def examine(*, url: str = "", tenant: str = "", with_providers: bool = False) -> Iterator[tuple[str, list[Finding]]]:
    """The parts, each with what is wrong with it.

    Args:
        url: The public address: one answer is asked for there, by way of all proxies, in a conversation that is deleted again.
        tenant: Who answers; empty for any tenant that takes visitors.
        with_providers: Also ask each provider for its list of models, with each key that is stored.
    """
    parts = dict(_PARTS)
    for check in _FOUNDATION:
        findings = list(check())
        if findings:
            yield "database", findings
            return
    if with_providers:
        parts["providers"] = (providers.accept_our_keys,)
    if url:
        parts["public address"] = (PublicAddress(url, tenant).findings,)
    for name, checks in parts.items():
        yield name, [finding for check in checks for finding in check()]
