"""Constraints that keep a row from pointing across tenants."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement


class TenantForeignKey(models.BaseConstraint):
    """``FOREIGN KEY (tenant_id, <field>_id) REFERENCES <to> (tenant_id, id)``.

    Stands beside a Django ForeignKey declared with ``db_constraint=False`` and makes the database refuse a row whose tenant differs
    from that of the row it names.  The target needs a unique constraint on ``(tenant, id)`` (`tenant_key()`).

    Args:
        field: name of the ForeignKey on this model.
        to: label of the target model, as ``"chat.Thread"``.
        name: name of the constraint.
        on_delete: ``"CASCADE"`` deletes this row with its target, ``"SET NULL"`` clears only the field, ``"NO ACTION"`` refuses.
    """

    def __init__(self, *, field: str, to: str, name: str, on_delete: str = "CASCADE") -> None:
        super().__init__(name=name)
        self.field, self.to, self.on_delete = field, to, on_delete

    def _parts(self, model: Any, editor: Any) -> dict[str, str]:
        column = editor.quote_name(str(model._meta.get_field(self.field).column))
        target = model._meta.apps.get_model(self.to)
        action = f"SET NULL ({column})" if self.on_delete == "SET NULL" else self.on_delete
        return {
            "name": editor.quote_name(self.name),
            "column": column,
            "target": editor.quote_name(target._meta.db_table),
            "action": action,
        }

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """Add it at the end of the migration, when the unique key of the target exists too."""
        schema_editor.deferred_sql.append(
            Statement(
                "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (tenant_id, %(column)s) "
                "REFERENCES %(target)s (tenant_id, id) ON DELETE %(action)s DEFERRABLE INITIALLY DEFERRED",
                table=schema_editor.quote_name(model._meta.db_table),
                **self._parts(model, schema_editor),
            )
        )
        return ""

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing in Python: the database decides, and no form offers a foreign row in the first place."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TenantForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        return (
            "tenants.constraints.TenantForeignKey",
            (),
            {"field": self.field, "to": self.to, "name": self.name, "on_delete": self.on_delete},
        )


def tenant_key(name: str) -> models.UniqueConstraint:
    """The unique ``(tenant, id)`` that composite foreign keys point at."""
    return models.UniqueConstraint(fields=["tenant", "id"], name=name)
