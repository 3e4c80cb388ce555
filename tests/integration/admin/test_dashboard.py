"""The overview: the figures of a tenant, or for staff of all of them."""

import html
import io
import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from chat.models import Run, Thread, ThreadItem
from tenants.models import Tenant, Usage
from tenants.permissions import Role
from tenants.scope import cross_tenant
from tests.support.panel import choose, person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def load() -> Tenant:
    """The one with the most conversations of three."""
    with override_settings(DEBUG=True):
        call_command("seed_load", tenants=3, threads=60, stdout=io.StringIO())
    return Tenant.objects.get(slug="load-0001")


def charts(client: Client, address: str = "/admin/?days=90") -> dict[str, dict[str, list[float]]]:
    content = client.get(address).content.decode()
    found: dict[str, Any] = {}
    for title, value in re.findall(r'aria-label="([^,"]*), day by day[^"]*" [^>]*data-value="([^"]*)"', content):
        sets = json.loads(html.unescape(value))["datasets"]
        found[title] = {one["label"]: one["data"] for one in sets}
    return found


def test_seed_load_makes_whole_conversations(load: Tenant) -> None:
    with cross_tenant("a test counts"):
        assert (Thread.objects.count(), Run.objects.count(), ThreadItem.objects.count()) == (60, 60, 120)
        thread = Thread.objects.latest("pk")
        question, answer = ThreadItem.objects.filter(thread=thread).order_by("pk")
    assert (question.data["thread_id"], question.data["id"]) == (thread.public_id, question.public_id)
    assert answer.data["content"][0]["text"].startswith("About")
    staff = signed_in(person(Role.STAFF, load))
    assert staff.get(f"/admin/chat/thread/{thread.pk}/change/").status_code == 200
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_load")


def test_a_tenant_sees_its_own_figures_and_staff_all(load: Tenant) -> None:
    own = Usage.objects.for_tenant(load)
    drawn = charts(signed_in(person(Role.VIEWER, load)))
    assert len(drawn) == 6
    assert sum(drawn["Answers by outcome"]["Completed"]) == own.filter(outcome="completed").count()
    assert sum(drawn["Tokens"]["Input"]) == sum(own.values_list("input_tokens", flat=True))
    assert sum(drawn["Conversations and answers"]["New conversations"]) == Thread.objects.for_tenant(load).count()
    staff = signed_in(person(Role.STAFF, load))
    assert sum(charts(staff)["Conversations and answers"]["New conversations"]) == 60
    choose(staff, load)
    assert charts(staff) == drawn


def test_long_lists_ask_as_much_for_many_rows_as_for_few(load: Tenant) -> None:
    staff = signed_in(person(Role.STAFF, load))
    for path in ("chat/thread", "tenants/usage", "tenants/auditevent", "accounts/enduser"):
        with CaptureQueriesContext(connection) as asked:
            staff.get(f"/admin/{path}/")
        assert len(asked) <= 8, path


def test_the_period_is_one_of_three(load: Tenant) -> None:
    client = signed_in(person(Role.STAFF, load))
    for asked, days in (("7", 7), ("30", 30), ("90", 90), ("", 30), ("1000000", 30), ("x", 30)):
        assert len(charts(client, f"/admin/?days={asked}")["Cost in US dollars"]["Cost"]) == days


def test_a_quiet_tenant_is_told_so(load: Tenant) -> None:
    quiet = Tenant.objects.create(slug="quiet", name="Quiet")
    client = signed_in(person(Role.OWNER, quiet))
    assert "Nothing was asked in the last 7 days" in client.get("/admin/?days=7").content.decode()
    assert charts(client) == {}
