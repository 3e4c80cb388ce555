"""What the JSON column `AssistantVersion.guardrails` may hold."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic import ValidationError as InvalidError

from tenants.model_options import sentence_of

Personal = Literal["email", "phone", "card", "iban", "ip"]
Word = Annotated[str, Field(min_length=1, max_length=200)]


def _host(value: str) -> str:
    if re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*", value) is None:
        raise ValueError("write a name as acme.example or *.acme.example, in small letters, without https:// and path")
    return value


Host = Annotated[str, Field(max_length=253), AfterValidator(_host)]


class Rules(BaseModel):
    """Of one direction.  What is left out is not looked at."""

    model_config = ConfigDict(extra="forbid")

    max_chars: Annotated[int, Field(ge=1)] | None = None
    blocklist: Annotated[list[Word], Field(max_length=1000)] = []
    redact: list[Personal] = []
    policy: Annotated[str, Field(max_length=10_000)] = ""


class OutputRules(Rules):
    """Of answers.  ``hosts``: where addresses in an answer may lead; None is everywhere, an empty list nowhere."""

    hosts: Annotated[list[Host], Field(max_length=1000)] | None = None


class GuardrailOptions(BaseModel):
    """`AssistantVersion.guardrails`; empty: none."""

    model_config = ConfigDict(extra="forbid")

    input: Rules = Rules()
    output: OutputRules = OutputRules()
    refusal: Annotated[str, Field(min_length=1, max_length=2_000)] = "I cannot help with that here."


def validate_guardrails(value: Any) -> None:
    """For the field.

    Raises:
        ValidationError: an unknown rule, or a value that cannot be.
    """
    try:
        GuardrailOptions.model_validate(value)
    except InvalidError as error:
        raise ValidationError(sentence_of(error)) from None
