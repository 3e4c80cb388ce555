"""What the JSON columns of an assistant's version about its model may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as InvalidError


class ModelOptions(BaseModel):
    """`AssistantVersion.model_options`: what is left out, the provider decides."""

    model_config = ConfigDict(extra="forbid")

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    reads_images: bool | None = None
    transcription_model: str | None = None
    image_model: str | None = None
    image_quality: Literal["low", "medium", "high"] | None = None


class Fallback(BaseModel):
    """One entry of `AssistantVersion.fallbacks`.  Without a model: the provider's default one."""

    model_config = ConfigDict(extra="forbid")

    provider: str
    model: str = ""


_FALLBACKS = TypeAdapter(list[Fallback])


def validate_model_options(value: Any) -> None:
    """For the field.

    Raises:
        ValidationError: an unknown option, or a value that cannot be.
    """
    try:
        ModelOptions.model_validate(value)
    except InvalidError as error:
        raise ValidationError(sentence_of(error)) from None


def validate_fallbacks(value: Any) -> None:
    """For the field.

    Raises:
        ValidationError: anything but a list of providers with their models.
    """
    try:
        _FALLBACKS.validate_python(value)
    except InvalidError as error:
        raise ValidationError(sentence_of(error)) from None


def sentence_of(error: InvalidError) -> str:
    """What is wrong, with its place."""
    return "; ".join(
        f"{'.'.join(str(step) for step in problem['loc']) or 'value'}: {problem['msg']}" for problem in error.errors()
    )
