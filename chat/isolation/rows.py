"""One row of every model that tenants own, made from what the model says of its columns: a new model needs nothing here."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import EndUser
from chat.models import KnowledgeSource
from tenants.models import Tenant
from tenants.walls import owned_models

Model = type[models.Model]
#: Where constraints of the database say more than the columns.
_CHOSEN: dict[str, dict[str, Any]] = {
    EndUser._meta.label: {"kind": EndUser.Kind.ANONYMOUS},
    KnowledgeSource._meta.label: {"kind": KnowledgeSource.Kind.FILES},
    "tenants.Membership": {"role": "viewer"},
    "tenants.EmbedSigningKey": {"secret": "x"},
    "chat.Embedding": {"dimensions": 2, "vector": [1.0, 0.0]},
    "chat.Run": {"state": "completed"},
}


class Maker:
    """Makes the rows of one tenant, each after those that it points to."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.made: dict[Model, models.Model] = {}
        for model in owned_models():
            self.row(model)

    def row(self, model: Model) -> models.Model:
        """The row of a model, made when it is asked for."""
        if model not in self.made:
            values = {
                field.attname: self._value(field)
                for field in model._meta.concrete_fields
                if not (field.primary_key or field.null or field.generated) or field.name == "tenant"
            }
            self.made[model] = model._base_manager.create(**values | _CHOSEN.get(model._meta.label, {}))
        return self.made[model]

    def _value(self, field: Any) -> Any:
        if field.name == "tenant":
            return self.tenant.pk
        if isinstance(field, models.ForeignKey):
            related = field.related_model
            return self.row(related).pk if related in owned_models() else self._stranger(related).pk
        if field.has_default():
            return field.get_default()
        if field.blank and isinstance(field, models.CharField | models.TextField):
            return ""
        if field.choices:
            return field.flatchoices[0][0]
        return _dummy(field)

    def _stranger(self, model: Model) -> models.Model:
        """A row that belongs to no tenant: a login."""
        if model not in self.made:
            values = {
                field.attname: self._value(field)
                for field in model._meta.concrete_fields
                if not (field.primary_key or field.null)
            }
            self.made[model] = model._base_manager.create(**values)
        return self.made[model]


def _dummy(field: Any) -> Any:
    """A value that no other row has, as far as the column can tell them apart."""
    token = uuid.uuid4().hex
    match field:
        case models.UUIDField():
            return uuid.uuid4()
        case models.BinaryField():
            return uuid.uuid4().bytes * 2
        case models.EmailField():
            return f"{token}@isolation.invalid"
        case models.CharField() | models.TextField():
            return token[: field.max_length or 32]
        case models.BooleanField():
            return False
        case models.DateTimeField():
            return timezone.now()
        case models.DateField():
            return timezone.now().date()
        case models.JSONField():
            return {}
        case models.IntegerField() | models.DecimalField():
            return 1
        case _:
            return field.get_default()
