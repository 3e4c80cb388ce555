"""The errors of what a tenant's plan does not allow."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec

PLAN_ERRORS: dict[str, ErrorSpec] = {
    "too_many_answers": ErrorSpec(
        429,
        "Too many answers are being written here at once.",
        "The tenant's plan limits how many answers are written in one moment.",
        "Wait until one of them is done.",
    ),
    "quota_of_day": ErrorSpec(
        429,
        "This chat has given all the answers that its plan allows in a day.",
        "The tenant's plan limits its answers a day; 'Retry-After' says when the next one begins (UTC).",
        "Come back tomorrow.",
        may_pass=False,
    ),
    "quota_of_month": ErrorSpec(
        429,
        "This chat has used up what its plan allows in a month.",
        "The tenant's plan limits answers, tokens or cost a month; 'Retry-After' says when the next one begins (UTC).",
        "Ask its administrator.",
        may_pass=False,
    ),
    "too_many_uploads": ErrorSpec(
        429,
        "Too many files wait for their content.",
        "One person has announced more bytes than a message may have, and not sent them.",
        "Send or remove those; what is not sent is forgotten after an hour.",
    ),
    "storage_full": ErrorSpec(
        507,
        "This chat has no room for more files.",
        "Attachments and documents of the tenant together reach the limit of its plan.",
        "Ask its administrator to make some.",
        may_pass=False,
    ),
}
