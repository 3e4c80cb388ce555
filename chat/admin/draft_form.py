"""DraftForm: everything that an assistant's version says, as form fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from pydantic import TypeAdapter, ValidationError

from chat.admin.options import SPARE_ROWS, Option, form_field, label_of, option_of, options_in, shown, stored
from chat.agents.providers.registry import PROVIDERS
from chat.client_options import KINDS, LOCALES
from chat.models import KnowledgeSource
from chat.tools import REGISTRY
from chat.tools.http_tools import PREFIX as HTTP
from chat.tools.image_generation import NAME as DRAWS
from chat.tools.mcp_tools import PREFIX as MCP
from tenants.guardrail_options import GuardrailOptions
from tenants.knowledge_options import KnowledgeOptions
from tenants.model_options import Fallback, ModelOptions
from tenants.models import AssistantVersion, HttpTool, McpServer

_MOST_ROWS = 60
_DRAWING = " or ".join(provider.title for provider in PROVIDERS.values() if provider.image_model)
_CLIENT = [option for name, kind in KINDS.items() for option in option_of(kind, ("client_options", name))]
_AGENT = [
    *options_in(ModelOptions, ("model_options",)),
    Option(("fallbacks",), rows=tuple(options_in(Fallback))),
    *options_in(GuardrailOptions, ("guardrails",)),
    *options_in(KnowledgeOptions, ("knowledge",)),
]
#: Whose kinds the options of the client are checked against, without the spellings that the form does not write.
_CHECKS: dict[str, TypeAdapter[Any]] = {
    **{name: TypeAdapter(kind) for name, kind in KINDS.items()},
    "theme": TypeAdapter(next(part for part in KINDS["theme"].__args__ if hasattr(part, "__annotations__"))),
}


@dataclass(frozen=True)
class Section:
    """A part of the form: a title, fields, and groups of fields with a title of their own."""

    title: str
    fields: list[Any]
    groups: list[tuple[str, list[Any]]]


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of one draft.  What is left empty is as the client or the provider has it."""

    tools = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="What the assistant may use."
    )

    class Meta:
        model = AssistantVersion
        fields = ["instructions", "provider", "model", "workflow"]
        widgets = {"instructions": forms.Textarea({"rows": 8})}

    def __init__(self, version: AssistantVersion, data: Any = None) -> None:
        super().__init__(data, instance=version)
        self._tree = {
            "client_options": dict(version.client_options),
            "model_options": version.model_options,
            "guardrails": version.guardrails,
            "knowledge": version.knowledge,
            "fallbacks": version.fallbacks,
        }
        theme = self._tree["client_options"].get("theme")
        if isinstance(theme, str):
            self._tree["client_options"]["theme"] = {"colorScheme": theme}
        choices = _tools_of(version.tenant_id)
        kept = [(name, f"{name} (not there any more)") for name in version.tools if name not in dict(choices)]
        self.fields["tools"].choices = [*choices, *kept]  # type: ignore[attr-defined]
        self.initial["tools"] = version.tools
        self._chosen: dict[tuple[str, ...], list[tuple[str, str]]] = {
            ("client_options", "locale"): LOCALES,
            ("fallbacks", "provider"): AssistantVersion.Provider.choices,
            ("knowledge", "sources"): _sources_of(version.tenant_id),
        }
        #: Name of a field -> its option; and the path at which its value is stored.
        self._options: dict[str, tuple[Option, tuple[Any, ...]]] = {}
        for option in [*_AGENT, *_CLIENT]:
            self._add(option)

    def _add(self, option: Option) -> None:
        if not option.rows:
            self._add_field(option, option.path)
            return
        rows = _at(self._tree, option.path) or []
        count = min(max(len(rows) + SPARE_ROWS, self._sent_rows(option.name)), _MOST_ROWS)
        for number in range(count):
            for one in option.rows:
                self._add_field(one, (*option.path, number, *one.path))

    def _add_field(self, option: Option, path: tuple[Any, ...]) -> None:
        name, value = ".".join(str(step) for step in path), _at(self._tree, path)
        named = self._chosen.get(tuple(step for step in path if isinstance(step, str)))
        if named is not None:
            option = option.chosen_from(named, value)
        self.fields[name] = form_field(option, path)
        self.initial[name] = shown(option, value)
        self._options[name] = (option, path)

    def _sent_rows(self, name: str) -> int:
        numbers = [re.match(rf"{re.escape(name)}\.(\d{{1,2}})\.", key) for key in self.data]
        return max((int(number[1]) + 1 for number in numbers if number), default=0)

    def clean(self) -> dict[str, Any]:
        """Puts the options together, and has them checked by what checks them everywhere else."""
        cleaned: dict[str, Any] = super().clean() or {}
        tree: dict[str, Any] = {name: {} for name in self._tree}
        for name, (option, path) in self._options.items():
            # What nobody touched stays as it is, also where the form shows only a part of it.
            is_same = name not in self.changed_data
            value = _at(self._tree, path) if is_same else stored(option, cleaned.get(name))
            if value is not None:
                _put(tree, path, value)
        tree = _without_gaps(tree)
        tree["fallbacks"] = tree.get("fallbacks") or []
        for name, value in tree["client_options"].items():
            self._check(_CHECKS[name], value, ("client_options", name))
        self._check(TypeAdapter(ModelOptions), tree["model_options"], ("model_options",))
        self._check(TypeAdapter(GuardrailOptions), tree["guardrails"], ("guardrails",))
        self._check(TypeAdapter(KnowledgeOptions), tree["knowledge"], ("knowledge",))
        self._check(TypeAdapter(list[Fallback]), tree["fallbacks"], ("fallbacks",))
        self.instance.tools = cleaned.get("tools", [])
        provider = PROVIDERS.get(cleaned.get("provider", ""))
        if DRAWS in self.instance.tools and not (provider and provider.image_model):
            self.add_error("tools", f"{label_of(DRAWS)} needs a provider that draws: {_DRAWING}.")
        for name, value in tree.items():
            setattr(self.instance, name, value)
        return cleaned

    def _check(self, adapter: TypeAdapter[Any], value: Any, path: tuple[str, ...]) -> None:
        try:
            adapter.validate_python(value)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False, include_input=False):
                steps = [*path, *(str(step) for step in problem["loc"])]
                names = [".".join(steps[:count]) for count in range(len(steps), 0, -1)]
                name = next((name for name in names if name in self.fields), None)
                # A part is missing: said at the first field beside it.
                name = name or next((one for one in self.fields if one.startswith(f"{'.'.join(steps[:-1])}.")), None)
                where = f"Line {int(steps[-1]) + 1}" if steps[-1].isdigit() else label_of(steps[-1])
                self.add_error(name, f"{where}: {problem['msg'].removeprefix('Value error, ')}")

    # ---- for the page

    def sections(self) -> Iterator[Section]:
        """The form in parts."""
        yield Section("Agent", [self[name] for name in ("instructions", "provider", "model", "tools", "workflow")], [])
        yield self._section("Model", "model_options")
        yield self._section("When the model cannot answer", "fallbacks")
        yield self._section("Guardrails", "guardrails")
        yield self._section("Knowledge", "knowledge")
        for name in KINDS:
            yield self._section(label_of(name), f"client_options.{name}")

    def _section(self, title: str, prefix: str) -> Section:
        depth = prefix.count(".") + 1
        plain: list[Any] = []
        groups: dict[str, list[Any]] = {}
        for name in self._options:
            if name != prefix and not name.startswith(f"{prefix}."):
                continue
            steps = name.split(".")[depth:-1]
            if steps:
                words = " ".join(str(int(step) + 1) if step.isdigit() else label_of(step) for step in steps)
                groups.setdefault(words, []).append(self[name])
            else:
                plain.append(self[name])
        return Section(title, plain, list(groups.items()))


def _tools_of(tenant_id: int) -> list[tuple[str, str]]:
    http = (
        HttpTool.objects.for_tenant(tenant_id).filter(is_enabled=True).order_by("name").values_list("name", flat=True)
    )
    mcp = McpServer.objects.for_tenant(tenant_id).order_by("name").values_list("name", flat=True)
    return [
        *((name, label_of(name)) for name in sorted(REGISTRY)),
        *((f"{HTTP}{name}", f"{name} (HTTP)") for name in http),
        *((f"{MCP}{name}", f"{name} (all tools of this MCP server)") for name in mcp),
    ]


def _sources_of(tenant_id: int) -> list[tuple[str, str]]:
    return list(KnowledgeSource.objects.for_tenant(tenant_id).order_by("name").values_list("public_id", "name"))


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def _put(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    """Lists are dictionaries by position while they are filled."""
    *way, last = path
    for step in way:
        tree = tree.setdefault(step, {})
    tree[last] = value


def _without_gaps(value: Any) -> Any:
    """Dictionaries by position as lists, in their order."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_without_gaps(value[key]) for key in sorted(value)]
    return {key: _without_gaps(child) for key, child in value.items()}
