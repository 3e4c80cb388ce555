"""Who may read a source: every role x every door that shows something of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from chat.context import ChatContext
from chat.knowledge import search
from chat.knowledge.scope import scope_of
from chat.models import Chunk, Document, Embedding, KnowledgeSource
from chat.models.audience import Audience
from tenants.models import Membership
from tenants.panel.base import PanelAdmin
from tenants.permissions import Role
from tests.support.cast import Cast, member_of
from tests.support.knowledge import source_of, teach
from tests.support.panel import person, signed_in

pytestmark = pytest.mark.usefixtures("committed_database")

#: What each role reads.
READS: dict[Role, set[str]] = {
    role: {Audience.EVERYBODY, Audience.MEMBERS} if role is Role.VIEWER else set(Audience.values) for role in Role
}
PAGES = [page for page in admin.site._registry.values() if isinstance(page, PanelAdmin)]
SOURCES, DOCUMENTS = "/admin/chat/knowledgesource/", "/admin/chat/document/"


@dataclass(frozen=True)
class Taught:
    """A source with a document for an audience; the words of each are ``secretof<audience>``."""

    source: KnowledgeSource
    document: Document


#: Doors of the panel: what is asked of a taught source, and how its words or its progress show.
DOORS: dict[str, Callable[[Client, Taught], Any]] = {
    "sources": lambda client, it: client.get(SOURCES),
    "a search of sources": lambda client, it: client.get(f"{SOURCES}?q=SECRETOF{it.source.audience.upper()}"),
    "a source": lambda client, it: client.get(f"{SOURCES}{it.source.pk}/change/"),
    "documents": lambda client, it: client.get(DOCUMENTS),
    "the documents of a source": lambda client, it: client.get(f"{DOCUMENTS}?source__id__exact={it.source.pk}"),
    "a document": lambda client, it: client.get(f"{DOCUMENTS}{it.document.pk}/change/"),
    "the progress of a document": lambda client, it: client.get(f"{DOCUMENTS}progress/?id={it.document.pk}"),
    "choices of a field": lambda client, it: client.get(
        f"/admin/autocomplete/?app_label=chat&model_name=document&field_name=source&term={it.source.audience}"
    ),
    "the page of a citation": lambda client, it: client.get(f"/t/acme/documents/{it.document.public_id}/"),
}


@pytest.fixture
def taught(cast: Cast) -> dict[str, Taught]:
    made = {}
    for audience in Audience.values:
        words = f"secretof{audience}"
        source = source_of(cast.acme, words, audience=audience, content=words)
        (document,) = teach(source, **{words: f"The {words} of tents."})
        made[audience] = Taught(source, document)
    return made


@pytest.mark.parametrize("door", DOORS)
def test_each_role_reads_through_each_door_what_is_meant_for_it(
    cast: Cast, taught: dict[str, Taught], door: str
) -> None:
    for role in Role:
        is_platform = role in (Role.STAFF, Role.SUPERUSER)
        if is_platform and door == "the page of a citation":
            continue  # The platform's staff has no chat in a tenant.
        client = signed_in(person(role, cast.acme), cast.acme)
        for audience, it in taught.items():
            response = DOORS[door](client, it)
            is_shown = (
                response.json() != {} if "progress" in door else f"secretof{audience}" in response.content.decode()
            )
            assert is_shown == (audience in READS[role]), (role, audience)


def test_filters_offer_no_source_that_the_role_may_not_read(cast: Cast, taught: dict[str, Taught]) -> None:
    page = signed_in(person(Role.VIEWER, cast.acme)).get(DOCUMENTS).content.decode()
    assert f"source__id__exact={taught[Audience.MEMBERS].source.pk}" in page or "secretofmembers" in page
    assert "secretofteam" not in page


def test_answers_see_what_the_panel_shows(cast: Cast, taught: dict[str, Taught]) -> None:
    for role in Membership.Role.values:
        user = member_of(cast.acme, f"one-{role}", role)
        scope = scope_of(cast.context(user, cast.guide))
        found = {it.source.audience for it in taught.values() if it.source.pk in scope.source_ids}
        assert found == READS[Role(role)]
        texts = " ".join(hit.found.text for hit in async_to_sync(search.search)("secretofteam tents", scope))
        assert ("secretofteam" in texts) == (Audience.TEAM in READS[Role(role)])
    visitor: ChatContext = cast.context(cast.visitor(), cast.guide)
    assert scope_of(visitor).source_ids == (taught[Audience.EVERYBODY].source.pk,)


def test_every_table_below_a_source_states_who_may_read_it() -> None:
    """A new table that points at sources is not read by a role before it says by which."""
    below = [
        field.model
        for relation in KnowledgeSource._meta.get_fields(include_hidden=True)
        if relation.auto_created and (field := getattr(relation, "field", None)) is not None
    ]
    assert set(below) == {Document, Chunk, Embedding}
    for model in (KnowledgeSource, Document, Chunk, Embedding):
        assert isinstance(model.readable_by(Role.VIEWER), models.Q)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_no_address_filters_by_what_the_list_does_not_offer(cast: Cast, page: PanelAdmin) -> None:
    """The answer is the one to a column that does not exist, whatever the value: nothing is spelt out by rows that come and go."""
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    if page.opts.model_name == "thread":
        return  # Its list reads a form of its own, and nothing else.
    staff = signed_in(person(Role.STAFF, cast.acme))
    unknown = staff.get(f"{address}?nosuchcolumn__contains=x")
    lookups = [
        f"{field.name}__{lookup}"
        for field in page.opts.get_fields()
        for lookup in ("contains", "startswith", "regex", "gt", "in", "isnull__exact")
    ]
    related = [
        f"{field.name}__{other.name}__contains"
        for field in page.opts.get_fields()
        if field.is_relation and field.related_model is not None
        for other in field.related_model._meta.get_fields()
    ]
    assert unknown.status_code == 302
    for lookup in [*lookups, *related]:
        answer = staff.get(f"{address}?{lookup}=x&e=1")
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"{address}?e=1"), lookup


@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_every_filter_that_a_list_offers_works(cast: Cast, page: PanelAdmin) -> None:
    from tenants.panel.filters import lookups_of

    if page.opts.model_name == "thread":
        return
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    staff = signed_in(person(Role.STAFF, cast.acme))
    values = {
        "gte": "2026-01-01 00:00:00%2B00:00",
        "lt": "2027-01-01 00:00:00%2B00:00",
        "isnull": "False",
        "isempty": "1",
    }
    offered = lookups_of(page.model, page.list_filter)
    for lookup in offered:
        answer = staff.get(f"{address}?{lookup}={values.get(lookup.rpartition('__')[2], '1')}", follow=True)
        assert answer.status_code == 200
        assert "e=1" not in str(answer.redirect_chain) or lookup.endswith("exact"), lookup


@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_no_list_is_sorted_by_what_it_does_not_show(page: PanelAdmin) -> None:
    shown = {
        "actor",
        "size",
        "user__email",
        "answers_per_day",
        "answers_per_month",
        "tokens_per_month",
        "cost_per_month",
    }
    for column in page.list_display:
        order = getattr(getattr(page, str(column), None), "admin_order_field", None)
        assert order is None or order in shown, (column, order)


def test_a_row_is_opened_by_its_key_and_nothing_else(cast: Cast, taught: dict[str, Taught]) -> None:
    owner = signed_in(person(Role.OWNER, cast.acme))
    source = taught[Audience.TEAM].source
    for query in ("_to_field=content", "_to_field=tenant__slug", "_popup=1&_to_field=name"):
        answer = owner.get(f"{SOURCES}secretofteam/change/?{query}")
        assert answer.status_code in (400, 404), query
        assert owner.get(f"{SOURCES}?{query}").status_code in (302, 400), query
    assert owner.get(f"{SOURCES}{source.pk}/change/?_popup=1").status_code == 200
