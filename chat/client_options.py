"""Client options of a stored configuration, made safe for a page: `client_options()`.

They are a tenant's data.  Known keys of the right kind pass, the rest is left out: nothing that a tenant writes may
break the page, reach another host, or become code.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any, Literal, Required

from django.conf.locale import LANG_INFO
from django.utils.translation.trans_real import parse_accept_lang_header
from pydantic import AfterValidator, Field, StrictBool, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

logger = logging.getLogger(__name__)

# ChatKit takes these and nothing else; its types name them.
_LOCALES = (
    "am ar bg bg-BG bn bn-BD bs bs-BA ca ca-ES cs cs-CZ da da-DK de de-DE el el-GR en es es-419 es-ES et et-EE fi fi-FI fr fr-CA"
    " fr-FR gu gu-IN hi hi-IN hr hr-HR hu hu-HU hy hy-AM id id-ID is is-IS it it-IT ja ja-JP ka ka-GE kk kn kn-IN ko ko-KR lt"
    " lv lv-LV mk mk-MK ml mn mr mr-IN ms ms-MY my my-MM nb nb-NO nl nl-NL pa pl pl-PL pt pt-BR pt-PT ro ro-RO ru ru-RU sk sk-SK"
    " sl sl-SI so so-SO sq sq-AL sr sr-RS sv sv-SE sw sw-TZ ta ta-IN te te-IN th th-TH tl tr tr-TR uk uk-UA ur vi vi-VN zh zh-CN"
    " zh-Hant zh-HK zh-TW"
)
_LOCALE_OF = {locale.lower(): locale for locale in _LOCALES.split()}
#: What Django has no name for, and regions whose language differs.
_NAMES = {
    "am": "Amharic",
    "es-419": "Spanish of Latin America",
    "fr-CA": "French of Canada",
    "gu": "Gujarati",
    "pt-BR": "Portuguese of Brazil",
    "so": "Somali",
    "tl": "Tagalog",
    "zh-CN": "Chinese, simplified",
    "zh-HK": "Chinese of Hong Kong",
    "zh-TW": "Chinese, traditional",
}
#: Languages of the client and their names, without regions that speak them alike.
LOCALES = sorted(
    (
        (code, _NAMES.get(code) or str(LANG_INFO[code]["name"]))
        for code in _LOCALES.split()
        if code in _NAMES or "name" in LANG_INFO.get(code, {})
    ),
    key=lambda one: one[1],
)


def _spoken(value: str) -> str:
    """A locale that ChatKit speaks."""
    if value.lower() not in _LOCALE_OF:
        raise ValueError("no language of the client")
    return _LOCALE_OF[value.lower()]


def _inert_css(value: str) -> str:
    """A CSS value that can neither end its declaration nor load anything."""
    if "url" in value.lower() or "image" in value.lower():
        raise ValueError("no addresses in CSS")
    return value


def _own_path(value: str) -> str:
    """A path on this host: pages load nothing from others.

    Browsers read a backslash as a slash, and pass over tabs and line breaks (URL Standard, 4.4).
    """
    if not value.startswith("/") or value.startswith("//") or "\\" in value or not value.isprintable():
        raise ValueError("not on this host")
    return value


Words = Annotated[str, StringConstraints(max_length=300)]
LongText = Annotated[str, StringConstraints(max_length=4_000)]
Icon = Annotated[str, StringConstraints(pattern=r"^[a-z0-9:-]{1,60}$")]
Css = Annotated[str, StringConstraints(pattern=r"^[\w #%(),./+\-\"']{1,200}$"), AfterValidator(_inert_css)]
OwnPath = Annotated[str, StringConstraints(max_length=300), AfterValidator(_own_path)]
Scheme = Literal["light", "dark"]
Locale = Annotated[str, StringConstraints(max_length=12), AfterValidator(_spoken)]


class FontSource(TypedDict, total=False):
    family: Words
    src: OwnPath
    weight: int | Words
    style: Literal["normal", "italic", "oblique"]
    display: Literal["auto", "block", "swap", "fallback", "optional"]
    unicodeRange: Css


class Typography(TypedDict, total=False):
    baseSize: Literal[14, 15, 16, 17, 18]
    fontFamily: Css
    fontFamilyMono: Css
    fontSources: Annotated[list[FontSource], Field(max_length=10)]


class Grayscale(TypedDict, total=False):
    hue: Annotated[float, Field(ge=0, le=360)]
    tint: Annotated[float, Field(ge=0, le=9)]
    shade: Annotated[float, Field(ge=-4, le=4)]


class Accent(TypedDict):
    primary: Css
    level: Literal[0, 1, 2, 3]


class Surface(TypedDict):
    background: Css
    foreground: Css


class Color(TypedDict, total=False):
    grayscale: Grayscale
    accent: Accent
    surface: Surface


class Theme(TypedDict, total=False):
    colorScheme: Scheme
    typography: Typography
    radius: Literal["pill", "round", "soft", "sharp"]
    density: Literal["compact", "normal", "spacious"]
    color: Color


class Title(TypedDict, total=False):
    enabled: StrictBool
    text: Words


class Header(TypedDict, total=False):
    enabled: StrictBool
    title: Title


class History(TypedDict, total=False):
    enabled: StrictBool
    showDelete: StrictBool
    showRename: StrictBool


class TextPart(TypedDict):
    type: Literal["input_text"]
    text: LongText


class Prompt(TypedDict, total=False):
    label: Required[Words]
    prompt: Required[LongText | Annotated[list[TextPart], Field(max_length=20)]]
    icon: Icon


class StartScreen(TypedDict, total=False):
    greeting: Words
    prompts: Annotated[list[Prompt], Field(max_length=20)]


class ThreadItemActions(TypedDict, total=False):
    feedback: StrictBool
    retry: StrictBool


class Thread(TypedDict, total=False):
    autoScroll: StrictBool


class Attachments(TypedDict, total=False):
    enabled: StrictBool
    maxSize: Annotated[int, Field(ge=0)] | dict[Words, Annotated[int, Field(ge=0)]]
    maxCount: Annotated[int, Field(ge=0)]
    accept: dict[Words, list[Words]]


class Tool(TypedDict, total=False):
    id: Required[Words]
    label: Required[Words]
    icon: Required[Icon]
    shortLabel: Words
    placeholderOverride: Words
    pinned: StrictBool
    persistent: StrictBool


class Model(TypedDict, total=False):
    id: Required[Words]
    label: Required[Words]
    description: Words
    disabled: StrictBool
    default: StrictBool


class Dictation(TypedDict, total=False):
    enabled: StrictBool


class Composer(TypedDict, total=False):
    placeholder: Words
    attachments: Attachments
    tools: Annotated[list[Tool], Field(max_length=50)]
    models: Annotated[list[Model], Field(max_length=50)]
    dictation: Dictation


class Disclaimer(TypedDict, total=False):
    text: Required[LongText]
    highContrast: StrictBool


class Entities(TypedDict):
    showComposerMenu: StrictBool


class Commands(TypedDict):
    enabled: StrictBool


#: The types of the options that a stored configuration may set: ChatKit's without functions, `api` and what the page decides.
KINDS: dict[str, Any] = {
    "theme": Scheme | Theme,
    "locale": Locale,
    "frameTitle": Words,
    "header": Header,
    "history": History,
    "startScreen": StartScreen,
    "threadItemActions": ThreadItemActions,
    "thread": Thread,
    "composer": Composer,
    "entities": Entities,
    "commands": Commands,
    "disclaimer": Disclaimer,
}
_KNOWN: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def client_options(stored: object) -> dict[str, Any]:
    """The options in ``stored`` that are known and well-formed.  An option with a fault in it is left out as a whole."""
    if not isinstance(stored, dict):
        return {}
    options = {}
    for name, adapter in _KNOWN.items():
        if name not in stored:
            continue
        try:
            options[name] = adapter.validate_python(stored[name])
        except ValidationError as error:
            logger.info("client option %s is left out: %s", name, error.errors(include_input=False)[0]["msg"])
    return options


def accent_of(options: dict[str, Any]) -> str:
    """The accent colour among checked options, or an empty text."""
    theme = options.get("theme")
    color = theme.get("color", {}) if isinstance(theme, dict) else {}
    return str(color.get("accent", {}).get("primary", ""))


def scheme_of(options: dict[str, Any]) -> str:
    """The colour scheme that the tenant wants unless the reader chooses: ``light``, ``dark``, or an empty text."""
    theme = options.get("theme")
    return str(theme.get("colorScheme", "") if isinstance(theme, dict) else theme or "")


def locale_of(accept_language: str) -> str | None:
    """The first language of the header that ChatKit speaks; None leaves the choice to the client."""
    for tag, _quality in parse_accept_lang_header(accept_language.lower()[:500]):
        if found := _LOCALE_OF.get(tag) or _LOCALE_OF.get(tag.split("-")[0]):
            return found
    return None
