"""What the offline assistant says: rules over the conversation, in order."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from chat.agents.offline.by_name import Schema, arguments_of
from chat.agents.offline.documents import from_passages
from chat.agents.offline.files import Answer, File, about, files_in, is_file
from chat.tools.calculator import MAX_LENGTH
from chat.tools.passages import HEAD

HONEST = "I am the offline assistant: a small set of rules that runs on this server, without a language model."

HELP = f"""{HONEST} Still, everything around me is real. Try one of these:

- **What time is it?** or **12 * (3 + 4)**: I call a tool.
- **Show me a card**: a widget appears. **Show every widget**: all that there is.
- **Which page am I on?**: I ask your browser.
- **Make a packing list for the mountains, 3 days**: a widget grows.
- **Rename this chat to Boots**: I ask you before I change something.
- **Ask me some questions**: you choose, and I go on.
- **How long can I return boots?**: I look it up in the documents, if there are any, and say where it stands.
- **Search my chats for boots**: I look into your other conversations.
- **Show me the contact form**: you fill it in, and it is checked on the server.
- **I want to talk to a person**: I hand you over.
- **Show me a table**, **some code** or **a list**: Markdown.
- **Tell me a story**: a long answer, good for trying *Stop* or a reload.
- **What did I say first?**: I remember this conversation.
- **current_time time_zone=Asia/Tokyo**: I call any tool by its name, yours too.

An administrator can connect me to a real model at any time."""

TABLE = """Here is a table of what happens to a message:

| Step | Where | What happens |
| --- | --- | --- |
| 1 | Browser | The message is sent with an httpOnly session |
| 2 | Gate | Session, tenant, size and limits are checked |
| 3 | Run | A task produces the answer, event by event |
| 4 | Store | Finished items are kept in PostgreSQL |

Every row of the store carries its tenant."""

CODE = """This is how a page shows an assistant:

```html
{% load chatkit %}
{% chatkit "support" %}
```

And this is a tool that I may call:

```python
@function_tool
def current_time(time_zone: str = "UTC") -> str:
    \"\"\"The current date and time.\"\"\"
    return datetime.now(ZoneInfo(time_zone)).strftime("%H:%M")
```"""

LIST = """Three things that this platform takes care of:

1. **Isolation**: a conversation belongs to one user of one tenant.
2. **Memory**: answers survive a reload, even while they are being written.
3. **Independence**: no internet, no key and no CDN are needed.

And a few that are not numbered:

- keyboard and screen reader
- light and dark
- small phones"""

_STORY = (
    "Once upon a time there was an assistant that lived on a server without a way to the internet.",
    "Every morning it read the questions of the day, one word after another, and answered as well as it could.",
    "It knew that it was made of rules, and it said so, because it had noticed that people like to know whom they talk to.",
    "When somebody closed the window in the middle of a sentence, it did not mind: it went on writing, and the answer was waiting.",
    "When somebody pressed stop, it stopped, and kept what it had written so far.",
)

_RENAME = re.compile(r"\b(?:rename|call) this (?:chat|conversation)(?: to)? (.+)", re.IGNORECASE)
_SEARCH = re.compile(r"\bsearch (?:in )?my (?:other )?(?:chats|conversations) for (.+)", re.IGNORECASE)
_PACK = re.compile(r"\bpack", re.IGNORECASE)
_PLACE = re.compile(r"\b(mountains|forest|coast)\b", re.IGNORECASE)
_DAYS = re.compile(r"\d{1,2}")
_QUESTIONS = (
    {"question": "Where do you want to go?", "options": ["Mountains", "Forest", "Coast"], "may_choose_several": True},
    {"question": "For how many days?", "options": ["One", "A weekend", "A week"], "may_choose_several": False},
    {"question": "What else should I know?", "options": [], "may_choose_several": False},
)
_QUESTION = re.compile(
    r"\?\s*$|^\W*(how|what|when|where|which|who|why|can|do|does|is|are|may|must|find|look up|tell me about)\b",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(
    r"\b(time is it|clock|today|page am i|(this|your) (page|website|browser|conversation|chat)|my chats|can you do|help me|are you|"
    r"did i|i say|story|card|widget|form|person|human|questions|table|code|snippet|bullets)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"[-+*/%^().0-9\s]+")
_SUM_BEGINS = re.compile(r"[-+(0-9]")
_OPERATOR = re.compile(r"[-+*/%^]")


@dataclass(frozen=True, slots=True)
class CallTool:
    """A tool to call before there is something to say."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def decide(
    items: list[dict[str, Any]], tools: Mapping[str, Schema], chosen: str | None = None
) -> str | Answer | CallTool:
    """The next words, or the tool to call, for a conversation in the Responses API's input format.

    ``tools`` says what each tool takes; ``chosen`` is the one that the user has picked for this message.
    """
    if items and items[-1].get("type") == "function_call_output":
        return _report(items)
    if items and (follow_up := _follow_up(_text(items[-1]))) is not None:
        return follow_up
    noted = _text(items[-1]) if items else ""
    users = [item for item in items if item.get("role") == "user" and not _is_context(_text(item))]
    if users and (files := _files(users)):
        return about(files, _text(users[-1]))
    said = [text for item in items if item.get("role") == "user" and (text := _text(item)) and not _is_context(text)]
    if noted.startswith(HEAD) and _asks_about_the_world(said[-1] if said else ""):
        return from_passages(noted)
    if chosen is not None and chosen in tools:
        decision = _reply(said, {chosen: tools[chosen]})
        return decision if isinstance(decision, CallTool) else _picked(chosen, tools[chosen], said)
    return _reply(said, tools)


def _picked(tool: str, schema: Schema, said: list[str]) -> CallTool:
    """The call of a tool that was picked, out of a question that does not ask for it."""
    match tool:
        case "packing_list":
            return CallTool(tool, {"place": "mountains", "days": 1})
        case "ask_questions":
            return CallTool(tool, {"questions": list(_QUESTIONS)})
        case _:
            return CallTool(tool, arguments_of(said[-1] if said else "", schema))


def _reply(said: list[str], tools: Mapping[str, Schema]) -> str | CallTool:
    question = said[-1].strip() if said else ""
    words = question.lower()
    spoken = " ".join(["", *re.findall(r"\w+", words), ""])
    name, _, rest = question.partition(" ")
    if name in tools:
        return CallTool(name, arguments_of(rest, tools[name]))

    def mentions(*some: str) -> bool:
        return any(f" {word} " in spoken for word in some)

    if (asked := _asked_for(question, words, tools)) is not None:
        return asked
    if "calculator" in tools and (expression := _arithmetic(question)):
        return CallTool("calculator", {"expression": expression})
    if "search_documents" in tools and _asks_about_the_world(question):
        return CallTool("search_documents", {"query": question})
    if mentions("time", "date", "clock") and "current_time" in tools:
        return CallTool("current_time", {"time_zone": "UTC"})
    if mentions("card", "widget", "summary") and "show_summary" in tools:
        facts = [
            {"label": "Your messages", "value": str(len(said))},
            {"label": "First words", "value": _short(said[0], 40)},
            {"label": "Model", "value": "none, offline"},
        ]
        return CallTool("show_summary", {"title": "This conversation", "facts": facts})
    if mentions("page", "website", "browser") and "page_title" in tools:
        return CallTool("page_title")
    if mentions("remember", "said", "say first", "did i say", "earlier"):
        return _memory(said)
    for some, answer in (
        (("table",), TABLE),
        (("code", "snippet", "python"), CODE),
        (("list", "bullets"), LIST),
        (("help", "hello", "hi", "hey", "can you do", "who are you"), HELP),
    ):
        if mentions(*some):
            return answer
    if mentions("story", "long"):
        return "\n\n".join(f"**{chapter}.** {' '.join(_STORY)}" for chapter in range(1, 6))
    return (
        f"{HONEST}\n\nYou wrote:\n\n> {_short(question, 300)}\n\nA real model would answer that now. "
        "Ask me for *help* to see what I can do without one."
    )


def _asked_for(question: str, words: str, tools: Mapping[str, Schema]) -> CallTool | None:
    """The tool that a question asks for in so many words."""
    for name, pattern, argument in (("rename_thread", _RENAME, "title"), ("search_threads", _SEARCH, "query")):
        if name in tools and (match := pattern.search(question)) is not None:
            return CallTool(name, {argument: match[1].strip(' .!?"“”')})
    if "widget_gallery" in tools and re.search(r"\b(every widget|all widgets|gallery)\b", words):
        return CallTool("widget_gallery")
    if "ask_human" in tools and re.search(r"\b(a person|a human|somebody real)\b", words):
        return CallTool("ask_human", {"reason": _short(question, 200)})
    if "contact_form" in tools and re.search(r"\b(contact )?form\b", words):
        return CallTool("contact_form")
    if "packing_list" in tools and (packing := _packing(question)) is not None:
        return packing
    asked = re.search(r"\bask me\b", words)
    if "ask_questions" in tools and asked is not None and re.search(r"\bquestions\b", words[asked.end() :]):
        return CallTool("ask_questions", {"questions": list(_QUESTIONS)})
    return None


def _packing(question: str) -> CallTool | None:
    """The packing list that a question asks for: the last place in it, and the number of days behind that."""
    pack = _PACK.search(question)
    places = list(_PLACE.finditer(question, pack.end())) if pack is not None else []
    if not places:
        return None
    days = _DAYS.search(question, places[-1].end())
    return CallTool("packing_list", {"place": places[-1][0].lower(), "days": int(days[0]) if days is not None else 1})


def _arithmetic(question: str) -> str:
    """The first expression to calculate in a question; empty when there is none.

    An expression begins with a number, a sign or a bracket, ends with a number, and has an operator between the two.
    """
    for run in _SUM.finditer(question):
        text = run[0]
        begin, last = _SUM_BEGINS.search(text), max(map(text.rfind, "0123456789"))
        if begin is not None and last > 0 and _OPERATOR.search(text, begin.end(), last) is not None:
            brackets = text[last + 1 :].partition(".")[0]
            expression = text[begin.start() : last + 1] + brackets[: len(brackets) - len(brackets.lstrip(") \n"))]
            # A longer one could not be calculated, and all of it would be in the answer.
            return expression if len(expression) <= MAX_LENGTH else ""
    return ""


def _asks_about_the_world(question: str) -> bool:
    """Whether a question may be answered by documents: it is one, and it is not about this assistant or this conversation."""
    return bool(_QUESTION.search(question)) and not _ABOUT_US.search(question)


def _follow_up(text: str) -> str | None:
    """What to say after the user has pressed a button or answered questions; None when the last word was something else."""
    if text.startswith("A structured input request"):
        answers = [line for line in text.splitlines() if line.startswith("- ")]
        return "\n".join(["Thank you. You told me:", "", *answers])
    note = text.partition("<HiddenContext>")[2].partition("</HiddenContext>")[0].strip()
    if not note.startswith('{"action"'):
        return None
    try:
        told = str(orjson.loads(note)["action"])
    except ValueError:  # Marks that a user has typed.
        return None
    # What came of it; what the user did, the user knows.
    return told.rsplit("It was done. ", 1)[-1].rsplit("”. ", 1)[-1]


def _memory(said: list[str]) -> str:
    if len(said) < 2:
        return "This is your first message here, so that there is nothing to remember yet."
    lines = "\n".join(f"{number}. {_short(text, 120)}" for number, text in enumerate(said[:-1], 1))
    return f"Before this, you said:\n\n{lines}"


def _report(items: list[dict[str, Any]]) -> str:
    """What to say after a tool has answered."""
    output = str(items[-1].get("output", ""))
    call: dict[str, Any] = next((item for item in reversed(items) if item.get("type") == "function_call"), {})
    match call.get("name"):
        case "calculator":
            expression = json.loads(call.get("arguments") or "{}").get("expression", "")
            return f"`{expression}` is **{output}**."
        case "current_time":
            return f"It is **{output}**."
        case "packing_list":
            return "That is all. Have a good time."
        case "show_summary":
            return "Here is your card."
        case "widget_gallery":
            return "That is every component that widgets have. Press and fill in what you like."
        case "ask_human":
            return "I have told a person, who will answer here."
        case "search_threads":
            return output if output == "Nothing was found." else f"This is what I found:\n\n{output}"
        case "search_documents":
            return from_passages(output)
        case "page_title":
            return _page(output)
        case _:
            return f"The tool answered: {output}"


def _page(output: str) -> str:
    try:
        page = json.loads(output)
        return f"You are on **{_short(str(page['title']), 120)}** (`{_short(str(page['url']), 200)}`)."
    except (ValueError, KeyError, TypeError):
        return "Your browser did not tell me which page you are on."


def _is_context(text: str) -> bool:
    """Whether a user message was put there by the platform: hidden notes, page context, widgets."""
    return text.startswith(
        (
            "Hidden context for",
            "Context from the user's browser",
            "The following graphical UI widget",
            "A structured input request",
            "# User-provided context",
            "A message was displayed to the user",
            HEAD,
        )
    )


def _text(item: dict[str, Any]) -> str:
    content = item.get("content", "")
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, dict) and not is_file(part))


def _files(users: list[dict[str, Any]]) -> list[File]:
    """The files that the last message is about: its own, or earlier ones when it speaks of them."""
    if own := files_in(users[-1]):
        return own
    if re.search(r"\b(files?|documents?|attach\w*)\b", _text(users[-1]).lower()):
        return [file for item in users for file in files_in(item)]
    return []


def _short(text: str, length: int) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"
