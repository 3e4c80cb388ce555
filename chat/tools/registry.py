"""The registered tools by their names, and what the platform knows about each."""

from __future__ import annotations

from dataclasses import dataclass

from agents import FunctionTool, ImageGenerationTool


@dataclass(frozen=True, slots=True)
class Command:
    """How people call a tool from the composer's "/" menu: ``prompt`` is put into the composer, to be completed or sent."""

    label: str
    description: str
    prompt: str
    icon: str = "bolt"


@dataclass(frozen=True, slots=True)
class RegisteredTool:
    """A tool.

    ``offered`` is what the model is given, ``execute`` what does the work; they differ where the user has to agree in between.
    What the provider does itself is not executed here.
    After a tool that ``ends_turn`` the model waits: its result comes from the browser, or from the user.
    """

    offered: FunctionTool | ImageGenerationTool
    execute: FunctionTool | None = None
    ends_turn: bool = False
    command: Command | None = None
    #: What the tool does, where a tenant can change that: what was agreed to is not done by a changed tool.
    definition: str = ""

    @property
    def name(self) -> str:
        return self.offered.name


#: Filled by `chat.tools.base.tool`, when `chat.tools` is imported.
REGISTRY: dict[str, RegisteredTool] = {}
