"""Titles that the model gives to conversations, in the background."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.models import EndUser
from chat import tasks
from chat.models import Thread
from tenants.models import Assistant, AssistantVersion, Tenant, Usage
from tests.conftest import Browse, StartServer, quick
from tests.support import workers
from tests.support.aimock import AiMock
from tests.support.browsing import Browser
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Provider
from tests.support.servers import ServerProcess

QUESTION = "Which boots should I take when it rains, and where do I get them?"
FIRST_WORDS = "Which boots should I take when it rains, and where do I get…"

Work = Callable[[], str]


@pytest.fixture
def variables(aimock: AiMock, provider: Provider) -> dict[str, str]:
    return {**quick(provider), "PROVIDER_BASE_URL": aimock.url, "OFFLINE_WORD_DELAY_MS": "0"}


@pytest.fixture
def server(server_with: StartServer, variables: dict[str, str]) -> ServerProcess:
    return server_with(**variables)


@pytest.fixture
def dave(server: ServerProcess, browse: Browse, cast: Cast) -> Browser:
    return browse(server=server).open("model")


@pytest.fixture
def work(variables: dict[str, str]) -> Work:
    """Do all work that waits, in a worker process; what it logged."""
    return lambda: workers.work(variables)


def title_of(dave: Browser, thread_id: str) -> str:
    return str(dave.ask("threads.get_by_id", {"thread_id": thread_id})["title"])


def queued() -> list[str]:
    return [row.task_path for row in DBTaskResult.objects.ready()]


def test_the_model_names_a_conversation(dave: Browser, work: Work, cast: Cast) -> None:
    turn = dave.say(QUESTION)
    assert title_of(dave, turn.thread_id) == FIRST_WORDS
    assert queued() == ["chat.tasks.name_thread"]
    work()
    assert title_of(dave, turn.thread_id) == "Boots for wet trails"
    assert queued() == []
    row = Usage.objects.for_tenant(cast.acme).get(purpose="title")
    assert (row.requests, row.input_tokens, row.output_tokens) == (1, 80, 6)
    assert row.end_user == Usage.objects.for_tenant(cast.acme).get(purpose="answer").end_user


def test_only_the_first_turn_asks_for_a_title(dave: Browser, work: Work) -> None:
    turn = dave.say(QUESTION)
    work()
    dave.say("And which boots for the sun?", turn.thread_id)
    assert queued() == []


def test_a_model_that_never_answers_keeps_the_worker_for_a_moment_and_not_again(
    dave: Browser, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenant may name the address of its provider, and the worker is everybody's."""
    monkeypatch.setattr(tasks, "PATIENCE", 1.0)
    monkeypatch.setattr(tasks, "_slow", {})
    turn = dave.say(QUESTION)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.PROVIDER_BASE_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        settings.PROVIDER_DEFAULT_MODEL = "silence"
        for is_asked in (True, False):
            asyncio.run(tasks.name_thread.func(cast.acme.pk, turn.thread_id))
            silent.setblocking(False)
            try:
                silent.accept()[0].close()
            except BlockingIOError:
                assert not is_asked
            else:
                assert is_asked
    assert title_of(dave, turn.thread_id) == FIRST_WORDS


def test_several_conversations_are_named_one_after_the_other(dave: Browser, work: Work) -> None:
    """Each in an event loop of its own."""
    threads = [dave.say(f"{QUESTION} {number}").thread_id for number in range(3)]
    work()
    assert [title_of(dave, thread) for thread in threads] == ["Boots for wet trails"] * 3


def test_the_queue_holds_no_words(dave: Browser, work: Work) -> None:
    turn = dave.say(QUESTION)
    (row,) = DBTaskResult.objects.all()
    assert row.args_kwargs["args"][1:] == [turn.thread_id]
    assert "boots" not in str(row.args_kwargs)
    assert "boots" not in work()


def test_a_title_that_somebody_chose_stays(dave: Browser, work: Work) -> None:
    turn = dave.say(QUESTION)
    dave.ask("threads.update", {"thread_id": turn.thread_id, "title": "Mine"})
    work()
    assert title_of(dave, turn.thread_id) == "Mine"


@pytest.mark.parametrize("words", ["boots, but there is nothing to say", "boots that are broken"])
def test_a_model_that_gives_no_title_changes_nothing(dave: Browser, work: Work, words: str) -> None:
    turn = dave.say(words)
    log = work()
    assert title_of(dave, turn.thread_id) == words
    assert words not in log
    assert not DBTaskResult.objects.failed().exists()


def test_a_thread_that_was_deleted_is_nobodys_work(dave: Browser, work: Work, cast: Cast) -> None:
    turn = dave.say(QUESTION)
    dave.ask("threads.delete", {"thread_id": turn.thread_id})
    work()
    assert not Usage.objects.for_tenant(cast.acme).filter(purpose="title").exists()


def suspend_tenant(cast: Cast) -> None:
    Tenant.objects.filter(pk=cast.acme.pk).update(status="suspended")


def suspend_end_users(cast: Cast) -> None:
    EndUser.objects.for_tenant(cast.acme).update(suspended_at=timezone.now())


def disable_assistants(cast: Cast) -> None:
    Assistant.objects.for_tenant(cast.acme).update(is_enabled=False)


@pytest.mark.parametrize("suspend", [suspend_tenant, suspend_end_users, disable_assistants])
def test_nothing_is_done_for_who_was_suspended_meanwhile(
    dave: Browser, work: Work, cast: Cast, suspend: Callable[[Cast], None]
) -> None:
    turn = dave.say(QUESTION)
    suspend(cast)
    work()
    assert Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id).title == FIRST_WORDS
    assert not Usage.objects.for_tenant(cast.acme).filter(purpose="title").exists()


def test_a_foreign_tenant_finds_nothing(dave: Browser, work: Work, cast: Cast) -> None:
    """A task that names a thread of somebody else."""
    turn = dave.say(QUESTION)
    row = DBTaskResult.objects.get()
    row.args_kwargs["args"][0] = cast.globex.pk
    row.save()
    work()
    assert title_of(dave, turn.thread_id) == FIRST_WORDS


def test_the_offline_assistant_needs_no_worker(server: ServerProcess, browse: Browse, cast: Cast) -> None:
    browse(server=server).open().say(QUESTION)
    assert queued() == []


def test_an_installation_without_a_worker_says_so(
    start_server: StartServer, browse: Browse, cast: Cast, variables: dict[str, str]
) -> None:
    browse(server=start_server(**variables, BACKGROUND_TASKS="false")).open("model").say(QUESTION)
    assert queued() == []


def test_a_failed_answer_asks_for_no_title(dave: Browser) -> None:
    dave.say("bad key")
    assert queued() == []


def test_a_title_goes_to_the_tenants_own_assistant(server: ServerProcess, browse: Browse, cast: Cast) -> None:
    assistant_of(cast.globex, "model", provider=AssistantVersion.Provider.OPENAI_COMPATIBLE)
    browse(cast.carol, server=server, tenant="globex").open("model").say(QUESTION)
    (row,) = DBTaskResult.objects.all()
    assert row.args_kwargs["args"][0] == cast.globex.pk
