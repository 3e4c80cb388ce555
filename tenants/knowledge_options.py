"""What the JSON column `AssistantVersion.knowledge` may hold."""

from __future__ import annotations

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as InvalidError

from tenants.model_options import sentence_of

SourceId = Annotated[str, Field(pattern=r"^ks_[0-9a-f]{32}$")]


class KnowledgeOptions(BaseModel):
    """How an assistant uses its tenant's documents.  ``sources``: the ids of those that it uses; empty: all of them.

    ``before_each_turn``: look up each question before the model is asked.  ``approved_answers``: a question that has an approved
    answer gets it without a model.  ``rerank``: what is found is ranked again by its sentences, which takes longer.
    """

    model_config = ConfigDict(extra="forbid")

    sources: Annotated[list[SourceId], Field(max_length=100)] = []
    before_each_turn: bool = False
    approved_answers: bool = True
    rerank: bool = False


def validate_knowledge(value: Any) -> None:
    """Raises: ValidationError: it is not what `KnowledgeOptions` describes."""
    try:
        KnowledgeOptions.model_validate(value)
    except InvalidError as error:
        raise ValidationError(sentence_of(error)) from None
