"""The errors of those who are kept out of a chat."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec

ACCESS_ERRORS: dict[str, ErrorSpec] = {
    "access_suspended": ErrorSpec(
        403,
        "Access to this chat has been suspended.",
        "The tenant, the assistant, the embed or the person was suspended in the admin panel.",
        "Ask whoever runs the site around it.",
    ),
    "access_blocked": ErrorSpec(
        403,
        "You are blocked from this chat for now.",
        "The tenant has blocked this browser's cookie, its device or its address in the admin panel, for a time.",
        "Come back later, or ask whoever runs the site.",
        may_pass=False,
    ),
}
