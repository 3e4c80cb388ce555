"""Form fields for stored options, made from the types that check them: one truth, and no field can be forgotten.

A field's name is the option's path, as ``startScreen.greeting``; lists of objects have rows, as ``startScreen.prompts.0.label``.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """One option.  ``rows``: it is a list of objects with these options."""

    path: tuple[str, ...]
    kind: str = "text"
    choices: tuple[Any, ...] = ()
    most: int | None = None
    low: float | None = None
    high: float | None = None
    rows: tuple[Option, ...] = field(default=())

    @property
    def name(self) -> str:
        return ".".join(self.path)


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


def form_field(option: Option) -> forms.Field:
    """The field of an option that has no rows."""
    label, text = label_of(option.path[-1]), HELP.get(option.path[-1], "")
    common: dict[str, Any] = {"label": label, "help_text": text, "required": False}
    match option.kind:
        case "flag":
            return forms.ChoiceField(choices=_FLAG, **common)
        case "choice":
            return forms.ChoiceField(
                choices=[("", "As usual"), *((str(one), label_of(str(one))) for one in option.choices)], **common
            )
        case "several":
            shown = [(one, label_of(one)) for one in option.choices]
            return forms.MultipleChoiceField(choices=shown, widget=forms.CheckboxSelectMultiple, **common)
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


LABELS = {
    "hue": "Hue of greys",
    "tint": "Tint of greys",
    "shade": "Shade of greys",
    "primary": "Accent colour",
    "level": "Strength of the accent",
    "id": "Name of the tool or model",
    "src": "Address",
    "iban": "IBAN",
    "ip": "IP addresses",
    "accept": "Kinds of files",
    "top_p": "Top-p",
}
#: What is said below a field, by the last part of its name.
HELP = {
    "colorScheme": "Readers who choose one themselves keep theirs.",
    "primary": "As #15803d or rgb(21 128 61).",
    "level": "Both the colour and its strength are needed.",
    "background": "As #ffffff.  Needs a foreground.",
    "foreground": "As #151816.  Needs a background.",
    "hue": "0 to 360 degrees.",
    "fontFamily": "As a CSS list of fonts.",
    "src": "A path on this host: pages load nothing from others.",
    "frameTitle": "What screen readers call the chat.",
    "greeting": "Stands above an empty conversation.",
    "prompt": "What is sent when somebody chooses it.",
    "icon": "As sparkle, mail, book-open, or lucide:rocket.",
    "placeholder": "Stands in the empty field.",
    "maxSize": "Bytes of one file.",
    "maxCount": "Files in one message.",
    "accept": "One kind a line, as image/png: .png; the kinds that the platform knows where it is empty.",
    "retry": "A button under an answer that asks again.",
    "feedback": "Thumbs under an answer.",
    "showComposerMenu": "A button that mentions things; typing @ works without it.",
    "text": "Markdown.",
    "max_chars": "Longer messages are refused, longer answers cut.",
    "blocklist": "One word a line; a message with one of them is refused.",
    "policy": "In plain words, judged by the model.",
    "hosts": "One a line, as *.example.com: where addresses in answers may lead.  Empty: everywhere.  The word none: nowhere.",
    "refusal": "What is said instead.",
    "sources": "Ids of the sources that it uses, one a line; empty: all of them.",
    "before_each_turn": "Look up each question before the model is asked.",
    "approved_answers": "A question with an approved answer gets it without a model.",
    "rerank": "Rank passages again by their sentences: finds a little more, and takes some hundredths of a second.",
    "temperature": "0 is strict, 2 is wild.",
    "max_tokens": "Of one answer.",
    "transcription_model": "For dictation; empty: the provider's own.",
    "image_model": "Draws, where the tool “Image generation” is ticked; empty: the provider's own.",
    "image_quality": "A high one costs several times as much.",
}
