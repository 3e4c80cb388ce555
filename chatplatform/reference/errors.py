"""docs/reference/errors.md: every error that somebody can meet, of the registry in `chatplatform.lib.problems`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from chatplatform.lib.problems import Problem
from chatplatform.lib.problems.api import ERRORS
from chatplatform.lib.problems.chatkit import KNOWN
from chatplatform.lib.problems.checks import CHECKS
from chatplatform.lib.problems.console import CONSOLE
from chatplatform.lib.problems.doctor import FINDINGS

#: What is set in code font: commands of manage.py, and words with an underscore.
_CODE: Final = re.compile(r"manage\.py \w+(?: --\w+)*|\b[A-Za-z0-9]*_[\w…]*(?:=\w+)?")

_HEAD: Final = """\
<!-- Written by `manage.py write_reference`: change chatplatform/lib/problems/, and write it anew. -->
# Errors

Every error has a code that does not change, and each code has its place on this page. Look for the code, or for the words that
you see; where there are none, begin with [what it looks like](#what-it-looks-like).
`manage.py doctor` ([guide](../guides/doctor.md)) finds most of what is wrong with an installation by itself.

- [What it looks like](#what-it-looks-like): a chat that does not work, by what people see
- [Answers of the API](#answers-of-the-api), errors inside a stream included
- [System checks](#system-checks): `manage.py check --deploy --database default`
- [Findings of the doctor](#findings-of-the-doctor): `manage.py doctor`
- [The browser's console](#the-browsers-console)
"""

_API: Final = """\
An answer that is not a stream carries an error in one envelope, whatever went wrong:

```json
{"error": {"code": "not_found", "message": "…", "hint": "…", "request_id": "…"}}
```

`code` is for programs and does not change; `message` and `hint` are for people. `request_id` finds the request in the logs; quote
it when asking for help. What belongs to another tenant or another person answers exactly as what does not exist: `not_found`.

Inside a stream the same codes travel as `platform_code` on ChatKit's `error` event. Its `allow_retry` is false where trying the
same again cannot help; this page says so where that is."""


def page() -> str:
    sections = [
        ("What it looks like", "", _entries(KNOWN)),
        ("Answers of the API", _API, _answers()),
        ("System checks", "`E` is an error, `W` a warning.", _entries(CHECKS)),
        ("Findings of the doctor", "The doctor tells system checks, too, under their own ids.", _entries(FINDINGS)),
        ("The browser's console", "Each line begins with `chatplatform:` and ends with its code.", _entries(CONSOLE)),
    ]
    text = [_HEAD]
    for title, about, entries in sections:
        text += [f"## {title}\n", *([f"{about}\n"] if about else []), *entries]
    return "\n".join(text)


def _entries(problems: Mapping[str, Problem]) -> Iterable[str]:
    for code, problem in problems.items():
        yield _entry(code, problem.what, problem.cause, problem.fix, problem.seen)


def _answers() -> Iterable[str]:
    for code, spec in ERRORS.items():
        end = "" if spec.may_pass else " Trying the same again does not help."
        yield _entry(code, f"{spec.status}. {spec.message}", spec.cause, f"{spec.hint}{end}")


def _entry(code: str, what: str, cause: str, fix: str, seen: Iterable[str] = ()) -> str:
    said = f"- Says: {', '.join(f'`{text}`' for text in seen)}\n" if seen else ""
    return f"### {code}\n\n**{_marked_up(what)}**\n\n{said}- Cause: {_marked_up(cause)}\n- Fix: {_marked_up(fix)}\n"


def _marked_up(text: str) -> str:
    """As Markdown: settings and codes in code font, pages of the documentation as links, and every other sign as itself."""
    if "'import" in text or "'from " in text:  # a line for the shell is code from end to end
        text, command, end = re.split(r"(python -c '.*?')", text, maxsplit=1)
        return f"{_marked_up(text)}`{command}`{_marked_up(end)}"
    text = text.replace("in docs/reference/errors.md", "on this page")
    text = re.sub(r"docs/([\w-]+/[\w-]+\.md)", r"[\g<0>](../\1)", text)
    return _CODE.sub(r"`\g<0>`", text).replace("<", r"\<").replace("*", r"\*")
