"""image_generation: the model has its provider draw.  One of the tools that run at the provider, in OpenAI's Responses API.

It is only a wish here: `chat.agents.providers` knows which providers draw, with which model, and takes it away from the others.
"""

from __future__ import annotations

from typing import Final

from agents import ImageGenerationTool, ImageGenerationToolConfig

from chat.tools.registry import REGISTRY, Command, RegisteredTool

NAME: Final = "image_generation"

REGISTRY[NAME] = RegisteredTool(
    ImageGenerationTool(tool_config=ImageGenerationToolConfig(type=NAME)),
    command=Command("Image", "Have an image made", "Draw ", "square-image"),
)
