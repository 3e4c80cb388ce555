"""Every model says whose its rows are: those of one tenant, or, with a reason, of nobody or of the whole platform."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from tenants.managers import TenantManager

OURS = ("tenants", "accounts", "chat")

PLATFORM_MODELS = {
    "tenants.Tenant": "It is the tenant.",
    "tenants.PlatformEvent": "What is done to the platform itself.",
    "accounts.User": "One person may be a member of several tenants; Membership says of which.",
}


def our_models() -> Iterator[type[models.Model]]:
    for app in OURS:
        yield from apps.get_app_config(app).get_models(include_auto_created=True)


def owned_models() -> list[type[models.Model]]:
    made_by_django = {"accounts.User_groups", "accounts.User_user_permissions"}
    return [model for model in our_models() if model._meta.label not in PLATFORM_MODELS.keys() | made_by_django]


def label_of(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", owned_models(), ids=label_of)
def test_an_owned_model_names_its_tenant(model: type[models.Model]) -> None:
    field = model._meta.get_field("tenant")
    assert isinstance(field, models.ForeignKey)
    assert field.remote_field.model is apps.get_model("tenants.Tenant")
    assert not field.null


@pytest.mark.parametrize("model", owned_models(), ids=label_of)
def test_an_owned_model_has_the_strict_manager(model: type[models.Model]) -> None:
    assert isinstance(model._default_manager, TenantManager)


def test_the_list_of_platform_models_is_true() -> None:
    labels = {model._meta.label for model in our_models()}
    assert PLATFORM_MODELS.keys() <= labels
    assert all(reason.endswith(".") for reason in PLATFORM_MODELS.values())


@pytest.mark.parametrize("model", owned_models(), ids=label_of)
def test_one_index_begins_with_the_tenant_and_none_has_it_alone(model: type[models.Model]) -> None:
    """An index of the tenant alone is written with every row, and is all rows to a planner that has no statistics yet."""
    tenant = model._meta.get_field("tenant")
    assert isinstance(tenant, models.ForeignKey)
    others = [
        part
        for part in (*model._meta.indexes, *model._meta.constraints)
        if (getattr(part, "fields", None) or ("",))[0] == "tenant" and getattr(part, "condition", None) is None
    ]
    alone = tenant.unique or tenant.db_index  # type: ignore[attr-defined]  # django-stubs has no `db_index` of fields
    assert bool(others) != alone
