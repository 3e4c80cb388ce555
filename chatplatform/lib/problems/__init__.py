"""What can go wrong, in words: one file of data for each place where people meet it.

`api` and `streams` are what the API answers, `checks` what `manage.py check` says, `doctor` what `manage.py doctor` finds besides,
`console` what our scripts write to a browser's console, and `chatkit` what people see of a chat that does not work, by its looks.
`manage.py write_reference` makes docs/reference/errors.md of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, why it may be, and what to do about it: sentences for people.

    ``seen``: what a page, a console or a log says then, word by word, so that whoever searches for it comes here.
    """

    what: str
    cause: str
    fix: str
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """HTTP status, what happened, why it may have, and what to do about it.

    Message and hint are shown to people; the cause is for whoever runs the installation.
    ``may_pass``: trying the same again can help, so that a stream's error offers it.
    """

    status: int
    message: str
    cause: str
    hint: str
    may_pass: bool = True
