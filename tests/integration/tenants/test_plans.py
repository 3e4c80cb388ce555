"""What a tenant's plan allows: refused before a model is asked, with the time to wait, and only where there is a plan."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import members
from chat.knowledge import documents
from chat.limits import MAX_ATTACHMENTS
from chat.models import Attachment, Run, Thread
from chat.stores.budget import used_by
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from tenants.models import Assistant, AuditEvent, Quota, Tenant, Usage, UsageDay
from tenants.permissions import Role
from tenants.scope import tenant_scope
from tests.conftest import Browse
from tests.support.browsing import Browser, message, refusal
from tests.support.cast import Cast
from tests.support.knowledge import source_of
from tests.support.panel import person, signed_in
from tests.support.provider import Hold, Provider


def plan(tenant: Tenant, **limits: Any) -> None:
    Quota.objects.for_tenant(tenant).delete()
    Quota.objects.create(**{"tenant": tenant, **limits})


def used(tenant: Tenant, run: str, *, days_ago: int = 0, **values: object) -> None:
    columns = {"requests": 1, "input_tokens": 600, "cached_tokens": 0, "output_tokens": 400, "reasoning_tokens": 0}
    moment = timezone.now() - timedelta(days=days_ago)
    Usage.objects.create(
        **{
            "tenant": tenant,
            "run": run,
            "total_ms": 9,
            "outcome": "completed",
            "created_at": moment,
            **columns,
            **values,
        }
    )


def wait_of(response: httpx.Response) -> timedelta:
    return timedelta(seconds=int(response.headers["retry-after"]))


def refused(browser: Browser, code: str) -> httpx.Response:
    response = browser.post("threads.create", {"input": message("One more")})
    assert refusal(response) == (429, code)
    return response


def test_a_plan_refuses_what_it_does_not_allow(browse: Browse, cast: Cast) -> None:
    """Each limit on answers, on every way to ask for one; another tenant goes on."""
    alice, carol = browse(cast.alice).open(), browse(cast.carol, tenant="globex").open()
    plan(cast.globex)
    turn = alice.say("The first")

    plan(cast.acme, answers_per_day=1)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    assert abs(datetime.now(UTC) + wait_of(refused(alice, "quota_of_day")) - midnight) < timedelta(minutes=1)
    assert Thread.objects.for_tenant(cast.acme).count() == 1
    again = {"thread_id": turn.thread_id, "item_id": turn.question["id"]}
    assert refusal(alice.post("threads.retry_after_item", again)) == (429, "quota_of_day")
    asked = {"thread_id": turn.thread_id, "input": message("One more")}
    assert refusal(alice.post("threads.add_user_message", asked)) == (429, "quota_of_day")
    assert len(alice.items(turn.thread_id)) == 2  # reading goes on, and nothing was changed
    assert refusal(alice.post("threads.add_user_message", {**asked, "thread_id": "thr_" + 32 * "0"}))[0] == 404
    assert not Run.objects.for_tenant(cast.acme).filter(state="running").exists()

    used(cast.acme, "run_priced", cost=Decimal("1.50"))
    for limits in ({"answers_per_month": 2}, {"tokens_per_month": 1_000}, {"cost_per_month": Decimal("1.50")}):
        plan(cast.acme, **limits)
        assert wait_of(refused(alice, "quota_of_month")) < timedelta(days=31)
    plan(cast.acme, answers_per_month=3, tokens_per_month=2_000, cost_per_month=2, answers_at_once=1)
    alice.say("Within all of them")
    carol.say("Another tenant has a plan without limits")


def test_answers_that_are_being_written_count(browse: Browse, cast: Cast, provider: Provider) -> None:
    alice, dave = browse(cast.alice).open("model"), browse().open()
    plan(cast.acme, answers_at_once=1, answers_per_day=9)
    provider.will_say("One", Hold())
    with alice.saying("Count") as stream:
        stream.until_text("One")
        assert 1 <= wait_of(refused(dave, "too_many_answers")).total_seconds() <= 5
        plan(cast.acme, answers_per_day=1)
        refused(dave, "quota_of_day")
        alice.cancel(stream.run_id)
        stream.rest()
    plan(cast.acme, answers_at_once=1)
    dave.say("Now there is room")


def test_files_need_room(browse: Browse, cast: Cast) -> None:
    alice = browse(cast.alice).open()
    plan(cast.acme, storage_bytes=10)
    assert alice.ask("attachments.create", {"name": "a.txt", "size": 6, "mime_type": "text/plain"})["id"]
    announced = {"name": "b.txt", "size": 5, "mime_type": "text/plain"}
    assert refusal(alice.post("attachments.create", announced)) == (507, "storage_full")
    with pytest.raises(PlatformError, match="storage_full"):
        documents.put(source_of(cast.acme), documents.Loaded("b.txt", "b", "text/plain", b"12345"))
    assert alice.ask("attachments.create", {**announced, "size": 4})["id"]


def test_files_that_never_come_fill_nothing(browse: Browse, cast: Cast) -> None:
    """Announcing costs nothing: one person takes no more than a message's worth of a tenant's room by it, and for an hour."""
    alice, dave = browse(cast.alice).open(), browse().open()
    most = settings.CHAT_MAX_ATTACHMENT_BYTES
    large = {"name": "a.txt", "size": most, "mime_type": "text/plain"}
    announced = [alice.ask("attachments.create", large) for _ in range(MAX_ATTACHMENTS)]
    assert refusal(alice.post("attachments.create", {**large, "size": 1})) == (429, "too_many_uploads")
    plan(cast.acme, storage_bytes=MAX_ATTACHMENTS * most + 5)
    dave.ask("attachments.create", {**large, "size": 5})
    assert refusal(dave.post("attachments.create", {**large, "size": 1})) == (507, "storage_full")
    Attachment.objects.for_tenant(cast.acme).update(created_at=timezone.now() - timedelta(hours=2))
    with tenant_scope(cast.acme):
        assert used_by(cast.acme.pk)["storage_bytes"] == 0
    alice.ask("attachments.create", {**large, "size": 5})
    # And what comes too late needs room again.
    plan(cast.acme, storage_bytes=10)
    descriptor = announced[0]["upload_descriptor"]
    late = httpx.put(descriptor["url"], content=bytes(most), headers=descriptor["headers"], timeout=30, trust_env=False)
    assert refusal(late) == (507, "storage_full")


@pytest.mark.django_db
def test_people_and_assistants_need_room(cast: Cast) -> None:
    plan(cast.acme, members=3, assistants=3)

    def invite(email: str) -> None:
        members.invite(cast.acme, email, "viewer", by=Role.OWNER, site="https://x.example", mail=False)

    invite("one@example.com")
    invite("one@example.com")  # in the place of the first
    with pytest.raises(ValidationError, match="3 members"):
        invite("two@example.com")
    posted = {"name": "Fourth", "slug": "fourth", "is_enabled": "on"}
    client = signed_in(person(Role.STAFF, cast.acme), cast.acme)
    assert "allows 3 assistants" in client.post("/admin/tenants/assistant/add/", posted).content.decode()
    assert Assistant.objects.for_tenant(cast.acme).count() == 3
    plan(cast.acme, assistants=4)
    assert client.post("/admin/tenants/assistant/add/", posted).status_code == 302


def test_of_two_assistants_at_once_the_last_place_is_for_one(cast: Cast, eventually: Callable[..., Any]) -> None:
    plan(cast.acme, assistants=4)
    staff = person(Role.STAFF, cast.acme)
    first, second = (signed_in(staff, cast.acme) for _ in range(2))

    def add(client: Client, slug: str) -> int:
        try:
            posted = {"name": slug, "slug": slug, "is_enabled": "on"}
            return client.post("/admin/tenants/assistant/add/", posted).status_code
        finally:
            if client is second:
                connection.close()

    def waits() -> bool:
        return bool(fetch("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"))

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            assert add(first, "fourth") == 302
            late = thread.submit(add, second, "fifth")
            eventually(lambda: late.done() or waits())
        assert late.result() == 200, "the form says that there is no room"
    assert Assistant.objects.for_tenant(cast.acme).count() == 4


@pytest.mark.django_db
def test_usage_adds_up_by_day_and_outcome(cast: Cast) -> None:
    used(cast.acme, "run_1", first_token_ms=100, cost=Decimal("0.25"))
    used(cast.acme, "run_2", first_token_ms=300, outcome="failed")
    used(cast.acme, "run_3", purpose="title", first_token_ms=50, cost=Decimal("0.05"))
    used(cast.acme, "run_4", days_ago=40)
    used(cast.globex, "run_5")
    today = UsageDay.objects.for_tenant(cast.acme).filter(day=datetime.now(UTC).date())
    done, failed = today.get(outcome="completed"), today.get(outcome="failed")
    assert (done.answers, done.input_tokens, done.output_tokens, done.cost) == (1, 1_200, 800, Decimal("0.30"))
    assert (done.first_token_ms, done.first_tokens, failed.first_token_ms) == (100, 1, 300)
    with tenant_scope(cast.acme):
        month = used_by(cast.acme.pk)
    assert (month["answers_per_month"], month["tokens_per_month"]) == (2, 3_000)


@pytest.mark.django_db
def test_staff_sets_a_plan_and_its_admins_see_the_use(cast: Cast) -> None:
    staff = signed_in(person(Role.STAFF, cast.acme), cast.acme)
    posted = {"plan": "Team", "answers_per_day": 4, "storage_bytes": 1_000_000, "cost_per_month": "-1"}
    assert "greater than or equal to 0" in staff.post("/admin/tenants/quota/add/", posted).content.decode()
    assert staff.post("/admin/tenants/quota/add/", {**posted, "cost_per_month": ""}).status_code == 302
    assert staff.get("/admin/tenants/quota/add/").status_code == 403  # there is one
    assert AuditEvent.objects.for_tenant(cast.acme).filter(action="quota.add", after__answers_per_day=4).exists()
    used(cast.acme, "run_1")
    page = signed_in(person(Role.ADMIN, cast.acme)).get("/admin/tenants/quota/").content.decode()
    assert "1 of 4" in page
    assert "1,000, no limit" in page
    assert "0\xa0bytes of 976.6\xa0KB" in page
