"""Form fields for stored options, made from the types that check them: one truth, and no field can be forgotten.

A field's name is the option's path, as ``startScreen.greeting``; lists of objects have rows, as ``startScreen.prompts.0.label``.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints
from typing import NotRequired as ExtNotRequired
from typing import Required as ExtRequired

from django import forms
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints
from typing_extensions import is_typeddict

#: Empty rows after those that are there.
SPARE_ROWS = 2
_LONG = 1_000
_FLAG = [("", "As usual"), ("true", "Yes"), ("false", "No")]


@dataclass(frozen=True)
class Option:
    """One option.  ``rows``: it is a list of objects with these options.  ``names``: what its choices are called."""

    path: tuple[str, ...]
    kind: str = "text"
    choices: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    most: int | None = None
    low: float | None = None
    high: float | None = None
    rows: tuple[Option, ...] = field(default=())

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def named_choices(self) -> list[tuple[str, str]]:
        names = self.names or [label_of(str(one)) for one in self.choices]
        return [(str(one), name) for one, name in zip(self.choices, names, strict=True)]

    def chosen_from(self, named: list[tuple[str, str]], value: Any) -> Option:
        """The same, as a choice among what only the tenant's rows or the platform know.  What is stored stays among it."""
        kept = [str(one) for one in (value if isinstance(value, list) else [value]) if one]
        named = [*named, *((one, one) for one in kept if one not in dict(named))]
        keys, names = zip(*named, strict=True) if named else ((), ())
        return replace(self, kind="several" if self.kind == "lines" else "choice", choices=keys, names=names)


def options_in(kind: Any, path: tuple[str, ...] = ()) -> Iterator[Option]:
    """Those of a typed dictionary or a pydantic model, in their order."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if not name.startswith("_") and name != "model_config":
            yield from option_of(hint, (*path, name))


def option_of(hint: Any, path: tuple[str, ...]) -> Iterator[Option]:
    """What one type asks for."""
    hint, notes = _bare(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if is_typeddict(hint) or (isinstance(hint, type) and issubclass(hint, BaseModel)):
        yield from options_in(hint, path)
    elif origin is Literal:
        yield Option(path, "choice", inner)
    elif origin is list:
        item, _notes = _bare(inner[0])
        if is_typeddict(item) or (isinstance(item, type) and issubclass(item, BaseModel)):
            yield Option(path, rows=tuple(options_in(item)))
        elif get_origin(item) is Literal:
            yield Option(path, "several", get_args(item))
        else:
            yield Option(path, "lines")
    elif origin is dict:
        yield Option(path, "kinds")
    elif hint is bool or any(getattr(note, "strict", False) for note in notes):
        yield Option(path, "flag")
    elif hint in (int, float):
        limits = [limit for note in notes for limit in getattr(note, "metadata", [note])]
        low = next((limit.ge for limit in limits if getattr(limit, "ge", None) is not None), None)
        high = next((limit.le for limit in limits if getattr(limit, "le", None) is not None), None)
        yield Option(path, "integer" if hint is int else "number", low=low, high=high)
    else:
        lengths = [note.max_length for note in notes if isinstance(note, StringConstraints)]
        lengths += [
            limit.max_length
            for note in notes
            if isinstance(note, FieldInfo)
            for limit in note.metadata
            if hasattr(limit, "max_length")
        ]
        yield Option(path, "text", most=next((length for length in lengths if length), None))


def _bare(hint: Any) -> tuple[Any, list[Any]]:
    """A type without what stands around it, and the notes on it.  Of a union: the object, else the first."""
    notes: list[Any] = []
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *found = get_args(hint)
            notes += found
        elif origin in (Required, NotRequired, ExtRequired, ExtNotRequired):
            (hint,) = get_args(hint)
        elif origin in (Union, types.UnionType):
            parts = [part for part in get_args(hint) if part is not type(None)]
            hint = next((part for part in parts if is_typeddict(part)), parts[0])
        else:
            return hint, notes


def form_field(option: Option, path: tuple[Any, ...]) -> forms.Field:
    """The field of an option that has no rows; ``path`` is where it stands."""
    label, text = label_of(option.path[-1]), help_of(path)
    common: dict[str, Any] = {"label": label, "help_text": text, "required": False}
    match option.kind:
        case "flag":
            return forms.ChoiceField(choices=_FLAG, **common)
        case "choice":
            return forms.ChoiceField(
                choices=[("", _UNSET.get(option.path[-1], "As usual")), *option.named_choices], **common
            )
        case "several":
            return forms.MultipleChoiceField(
                choices=option.named_choices, widget=forms.CheckboxSelectMultiple, **common
            )
        case "integer":
            return forms.IntegerField(min_value=_whole(option.low), max_value=_whole(option.high), **common)
        case "number":
            return forms.FloatField(
                min_value=option.low, max_value=option.high, widget=forms.NumberInput({"step": "any"}), **common
            )
        case "lines" | "kinds":
            return forms.CharField(widget=forms.Textarea({"rows": 3}), **common)
        case _:
            is_long = (option.most or 0) >= _LONG
            return forms.CharField(
                max_length=option.most, widget=forms.Textarea({"rows": 3}) if is_long else forms.TextInput, **common
            )


def shown(option: Option, value: Any) -> Any:
    """A stored value as its field shows it."""
    match option.kind, value:
        case _, None:
            return None
        case "flag", bool():
            return "true" if value else "false"
        case "lines", list():
            return "\n".join(str(one) for one in value) or "none"
        case "kinds", dict():
            return "\n".join(f"{mime}: {' '.join(endings)}" for mime, endings in value.items())
        case "text", list():
            return "\n".join(part.get("text", "") for part in value)
        case "text" | "integer", dict():
            return value.get("*", value.get("colorScheme"))
        case _:
            return value


def stored(option: Option, value: Any) -> Any:
    """What a field's value is stored as; None: it was left empty."""
    if value in ("", None, []):
        return None
    match option.kind:
        case "flag":
            return value == "true"
        case "choice":
            return next(one for one in option.choices if str(one) == value)
        case "lines":
            lines = [line.strip() for line in value.splitlines() if line.strip()]
            return [] if lines == ["none"] else lines
        case "kinds":
            pairs = (line.partition(":") for line in value.splitlines() if line.strip())
            return {mime.strip(): endings.replace(",", " ").split() for mime, _colon, endings in pairs}
        case _:
            return value


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def label_of(name: str) -> str:
    """``showDelete`` or ``max_chars`` as words."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()
    return LABELS.get(name, words[:1].upper() + words[1:])


def words_of(path: str) -> str:
    """A setting of a version (`tenants.versions.differences()`), as the form calls it: its part, its group, its field."""
    steps = path.removeprefix("client_options.").split(".")
    parts = (step.partition(" ") for step in steps)
    return " › ".join(f"{label_of(name)}{space}{number}" for name, space, number in parts)


def help_of(path: tuple[Any, ...]) -> str:
    """What is said below the field at ``path``: that of the longest end of it which `HELP` knows."""
    steps = [step for step in path if isinstance(step, str)]
    ends = (".".join(steps[first:]) for first in range(len(steps)))
    return next((HELP[end] for end in ends if end in HELP), "")


#: What an empty choice means, where it is not what the client does by itself.
_UNSET = {"provider": "Nobody", "locale": "The reader's own"}
LABELS = {
    "locale": "Language",
    "frameTitle": "Name of the chat",
    "threadItemActions": "Buttons under answers",
    "thread": "Conversation",
    "entities": "Mentions",
    "highContrast": "High contrast",
    "hue": "Hue of greys",
    "tint": "Tint of greys",
    "shade": "Shade of greys",
    "primary": "Accent colour",
    "level": "Strength of the accent",
    "fontFamily": "Fonts",
    "fontFamilyMono": "Fonts of code",
    "fontSources": "Font file",
    "baseSize": "Size of text",
    "unicodeRange": "Characters",
    "id": "Name of the tool or model",
    "src": "Address",
    "email": "E-mail addresses",
    "phone": "Telephone numbers",
    "card": "Payment cards",
    "iban": "Bank accounts (IBAN)",
    "ip": "IP addresses",
    "accept": "Kinds of files",
    "top_p": "Top-p",
    "max_tokens": "Most tokens",
    "max_chars": "Most characters",
    "input": "What people write",
    "output": "What the assistant answers",
    "maxSize": "Largest file",
    "maxCount": "Most files",
    "xhigh": "Highest",
}
#: What is said below a field, by the end of its path.
HELP = {
    "locale": "Of buttons and hints.  Readers have their browser's where it is left open.",
    "theme.colorScheme": "Readers who choose one themselves keep theirs.",
    "theme.radius": "How round corners are.",
    "theme.density": "How much room there is between things.",
    "typography.baseSize": "In pixels; 16 as usual.",
    "typography.fontFamily": "As a CSS list: Inter, sans-serif.",
    "typography.fontFamilyMono": "As a CSS list: JetBrains Mono, monospace.",
    "fontSources.family": "What the lists of fonts call it.",
    "fontSources.src": "A path on this host: pages load nothing from others.",
    "fontSources.weight": "As 400, bold, or 100 900 for a variable font.",
    "fontSources.style": "Normal, unless the file holds slanted letters.",
    "fontSources.display": "What is shown until it is there.",
    "fontSources.unicodeRange": "As U+0000-00FF; all where it is empty.",
    "accent.primary": "As #15803d or rgb(21 128 61).",
    "accent.level": "Both the colour and its strength are needed.",
    "surface.background": "As #ffffff.  Needs a foreground.",
    "surface.foreground": "As #151816.  Needs a background.",
    "grayscale.hue": "0 to 360 degrees.",
    "grayscale.tint": "0 to 9: how much of the hue greys have.",
    "grayscale.shade": "-4 to 4: darker or lighter greys.",
    "frameTitle": "What screen readers call it.",
    "header.enabled": "The bar above the conversation.",
    "header.title.enabled": "Words in the bar.",
    "header.title.text": "As usual, the title of the conversation.",
    "history.enabled": "Readers find their earlier conversations.",
    "history.showDelete": "They may delete them.",
    "history.showRename": "They may give them another title.",
    "startScreen.greeting": "Stands above an empty conversation.",
    "prompts.label": "The words on the button.",
    "prompts.prompt": "What is sent when somebody chooses it.",
    "icon": "As sparkle, mail, book-open, or lucide:rocket.",
    "composer.placeholder": "Stands in the empty field.",
    "attachments.enabled": "Readers may add files to what they write.",
    "attachments.maxSize": "Bytes of one file.",
    "attachments.maxCount": "Files in one message.",
    "attachments.accept": "One kind a line, as image/png: .png; the kinds that the platform knows where it is empty.",
    "tools.id": "One of the assistant's tools, as it is called above.",
    "tools.label": "What readers see in the menu.",
    "tools.shortLabel": "What they see in the field once they chose it.",
    "tools.placeholderOverride": "Stands in the empty field while it is chosen.",
    "tools.pinned": "Beside the field, not only in the menu.",
    "tools.persistent": "Stays chosen after a message was sent.",
    "models.id": "As the provider calls it.",
    "models.label": "What readers see in the list.",
    "models.description": "Stands below the label.",
    "models.disabled": "It is shown, but cannot be chosen.",
    "models.default": "Is chosen at the start.",
    "dictation.enabled": "A microphone that writes down what is said.",
    "threadItemActions.feedback": "Thumbs under an answer.",
    "threadItemActions.retry": "A button that asks again.",
    "thread.autoScroll": "The conversation follows an answer while it is written.",
    "entities.showComposerMenu": "A button that mentions things; typing @ works without it.",
    "commands.enabled": "Typing / offers what the assistant can do.",
    "disclaimer.text": "Below the field, in Markdown.",
    "disclaimer.highContrast": "In the colour of text, not of hints.",
    "input.max_chars": "Longer messages are refused.",
    "input.blocklist": "A word or phrase in each line; a message with one of them is refused.",
    "input.redact": "The model is shown [email] and the like in its place.",
    "input.policy": "What a message has to keep to, in plain words; the model judges it.",
    "output.max_chars": "Longer answers are cut.",
    "output.blocklist": "A word or phrase in each line; an answer with one of them is replaced.",
    "output.redact": "Everybody is shown [email] and the like in its place.",
    "output.policy": "What an answer has to keep to, in plain words; the model judges it.",
    "hosts": "One a line, as *.example.com: where addresses in answers may lead.  Empty: everywhere.  The word none: nowhere.",
    "refusal": "What is said instead.",
    "sources": "Which it uses; all of them where none is ticked.",
    "before_each_turn": "Look up each question before the model is asked.",
    "approved_answers": "A question with an approved answer gets it without a model.",
    "rerank": "Rank passages again by their sentences: finds a little more, and takes some hundredths of a second.",
    "fallbacks.provider": "Is asked when those before it cannot answer.",
    "fallbacks.model": "Empty: the provider's own.",
    "temperature": "0 is strict, 2 is wild.",
    "top_p": "0 to 1: of how many likely words it chooses.  Change this or the temperature.",
    "max_tokens": "Of one answer.",
    "reasoning_effort": "How long it may think, where the model does.",
    "reads_images": "Pictures are sent to the model; as usual, where the provider's models see.",
    "transcription_model": "For dictation; empty: the provider's own.",
    "image_model": "Draws, where the tool “Image generation” is ticked; empty: the provider's own.",
    "image_quality": "A high one costs several times as much.",
}
