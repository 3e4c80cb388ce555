"""Fixtures of all tests.

``live_server_process``   the platform as a real process on the test database; shared by the tests of a worker
``start_server``          one more such process, with settings or a server program of its own; ended with the test
``server_with``           a process with settings of its own, which lives on for the next tests that want the same
``page``, ``new_page``    a real browser; unexpected errors on its console fail the test
``console_errors``        where a test says which of them it expects
``cast``                  alice, bob and carol with their tenants
``provider``              a model provider that says what the test tells it
``aimock``                a model provider of somebody else's making
``chat_server``           the platform with that provider, and in a hurry; ``other_chat_server`` is a second process of it,
                          and ``own_chat_server`` one with a ChatKit server of a company's own
``browse``                ``browse(alice)``: a browser of somebody at that server

A test that uses a server or a browser sees committed data: its tables are emptied afterwards.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import environment

environment.apply()

from django.core.management.base import BaseCommand  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from django.test.client import ClientHandler  # noqa: E402
from playwright.sync_api import Page  # noqa: E402

from chatplatform.lib.database import require_database  # noqa: E402
from tests.support import databases  # noqa: E402
from tests.support.aimock import AiMock  # noqa: E402
from tests.support.browsers import ConsoleErrors, NewPage, Pages, RunningBrowser, running_browser  # noqa: E402
from tests.support.browsing import Browser  # noqa: E402
from tests.support.cast import Cast, gather  # noqa: E402
from tests.support.provider import Provider  # noqa: E402
from tests.support.servers import KeptServers, Kind, ServerProcess  # noqa: E402

_REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()

StartServer = Callable[..., ServerProcess]
Browse = Callable[..., Browser]


def pytest_configure(config: pytest.Config) -> None:
    # Django's own flush visits every table and writes content types anew, which takes ten times as long.
    TransactionTestCase._fixture_teardown = lambda self: databases.empty()  # type: ignore[attr-defined]
    for entrance, name in ((BaseCommand, "execute"), (ClientHandler, "__call__")):
        setattr(entrance, name, databases.as_the_platform()(getattr(entrance, name)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    item.stash.setdefault(_REPORTS, {})[report.when] = report
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "page" in getattr(item, "fixturenames", ()) or "new_page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have a database before pytest-django makes the test databases in it, one for each worker."""
    require_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        databases.hurry()
        databases.see_everything()
    yield
    with django_db_blocker.unblock():
        databases.disconnect_others()


@pytest.fixture
def committed_database(transactional_db: None) -> None:
    """Committed data, which other processes see."""


@pytest.fixture(scope="session")
def _shared_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    log = tmp_path_factory.mktemp("server") / "server.log"
    server = ServerProcess(log, {"DATABASE_URL": databases.url_of()}).start()
    yield server
    server.stop()


@pytest.fixture
def live_server_process(committed_database: None, _shared_server: ServerProcess) -> Iterator[ServerProcess]:
    """The platform, served by Daphne. A traceback in its log fails the test."""
    yield from _used(_shared_server)


@pytest.fixture
def start_server(committed_database: None, tmp_path: Path) -> Iterator[StartServer]:
    """``start_server(kind="uvicorn", CHAT_RATE_LIMIT="2/minute")``: one more process on the same database."""
    servers: list[ServerProcess] = []

    def start(*, kind: Kind = "daphne", may_log_tracebacks: bool = False, **variables: str) -> ServerProcess:
        environment_of_server = {"DATABASE_URL": databases.url_of(), **variables}
        server = ServerProcess(tmp_path / f"server-{len(servers)}.log", environment_of_server, kind)
        servers.append(server)
        if may_log_tracebacks:
            forgiven.add(server.port)
        return server.start()

    forgiven: set[int] = set()
    yield start
    for server in servers:
        server.stop()
    for server in servers:
        if server.port not in forgiven:
            _refuse_tracebacks(server.log)


@pytest.fixture(scope="session")
def _kept_servers(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptServers]:
    kept = KeptServers(tmp_path_factory.mktemp("kept-servers"), {"DATABASE_URL": databases.url_of()})
    yield kept
    kept.stop()


@pytest.fixture
def server_with(committed_database: None, _kept_servers: KeptServers) -> Iterator[StartServer]:
    """``server_with(kind="uvicorn", CHAT_RATE_LIMIT="2/minute")``: for tests that neither end it nor fill its memory."""
    yield from lent(_kept_servers)


@pytest.fixture(scope="session")
def _browser() -> Iterator[RunningBrowser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def console_errors() -> ConsoleErrors:
    return ConsoleErrors()


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest,
    committed_database: None,
    _browser: RunningBrowser,
    console_errors: ConsoleErrors,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[NewPage]:
    """``new_page()`` is a page of a new person; ``new_page(same_person_as=page)`` another tab."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs here, but no coroutine of ours does.
    with _browser.in_use() as browser:
        pages = Pages(browser, console_errors)
        yield pages
        reports = request.node.stash.get(_REPORTS, {})
        failed = "call" in reports and reports["call"].failed
        if failed or console_errors.unexpected:
            pages.photograph(request.node.nodeid)
        pages.close()
    assert not console_errors.unexpected, "Unexpected errors in the browser:\n" + "\n".join(console_errors.unexpected)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """``eventually(lambda: condition)``: wait for what another process does; returns the first true value."""

    def wait(condition: Callable[[], Any], *, seconds: float = 10.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"It did not happen within {seconds} seconds."
            time.sleep(0.02)
        return value

    return wait


@pytest.fixture
def cast(committed_database: None) -> Cast:
    return gather()


@pytest.fixture(scope="session")
def _provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(_provider: Provider) -> Iterator[Provider]:
    yield _provider
    _provider.reset()


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AiMock]:
    running = AiMock(tmp_path_factory.mktemp("aimock") / "aimock.log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def _chat_servers(
    django_db_setup: None, _provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[ServerProcess]]:
    """Processes that many tests share; each starts when a test needs it."""
    variables = {"DATABASE_URL": databases.url_of(), **quick(_provider)}
    folder = tmp_path_factory.mktemp("chat-servers")
    own = {"CHATKIT_SERVER": "tests.support.own_servers.Scripted"}
    servers = [ServerProcess(folder / f"{number}.log", variables | more) for number, more in enumerate(({}, {}, own))]
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def chat_server(cast: Cast, provider: Provider, _chat_servers: list[ServerProcess]) -> Iterator[ServerProcess]:
    yield from _used(_chat_servers[0])


@pytest.fixture
def other_chat_server(chat_server: ServerProcess, _chat_servers: list[ServerProcess]) -> Iterator[ServerProcess]:
    """Another process of the same installation: the same database, and nothing else in common."""
    yield from _used(_chat_servers[1])


@pytest.fixture
def own_chat_server(cast: Cast, provider: Provider, _chat_servers: list[ServerProcess]) -> Iterator[ServerProcess]:
    yield from _used(_chat_servers[2])


@pytest.fixture
def browse(request: pytest.FixtureRequest, committed_database: None) -> Iterator[Browse]:
    """``browse(alice)`` is signed in, ``browse()`` is a visitor; ``server=`` names another than `chat_server`."""
    browsers: list[Browser] = []

    def new(user: Any = None, *, server: ServerProcess | None = None, **about: Any) -> Browser:
        browser = Browser(server or request.getfixturevalue("chat_server"), **about)
        browsers.append(browser)
        return browser.sign_in(user) if user is not None else browser

    yield new
    for browser in browsers:
        browser.close()


def quick(provider: Provider) -> dict[str, str]:
    """Settings of a server that has no time."""
    return {
        "PROVIDER_BASE_URL": provider.url,
        "PROVIDER_API_KEY": "sk-provider-secret",
        "PROVIDER_DEFAULT_MODEL": "model-of-tests",
        "PROVIDER_TIMEOUT_SECONDS": "5",
        "OFFLINE_WORD_DELAY_MS": "0",
        "CHAT_DB_THREADS": "4",
        "CHAT_HEARTBEAT_SECONDS": "0.2",
        "CHAT_RUN_CHECKPOINT_SECONDS": "0.05",
        # So that what another process stops ends sooner than a provider that says nothing.
        "CHAT_RUN_LEASE_SECONDS": "9",
    }


def lent(kept: KeptServers) -> Iterator[StartServer]:
    """Lend servers by their settings to a test. A traceback in the log of one fails it."""
    used: list[tuple[ServerProcess, int]] = []

    def get(*, kind: Kind = "daphne", **variables: str) -> ServerProcess:
        server = kept.get(variables, kind)
        used.append((server, len(server.log)))
        return server

    yield get
    for server, start in used:
        _refuse_tracebacks(server.log[start:])


def _used(server: ServerProcess) -> Iterator[ServerProcess]:
    if server.process is None or server.process.poll() is not None:
        server.start()
    start = len(server.log)
    yield server
    _refuse_tracebacks(server.log[start:])


def _refuse_tracebacks(log: str) -> None:
    assert "Traceback (most recent call last)" not in log, f"The server logged a traceback:\n{log}"
