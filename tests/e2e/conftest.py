"""Fixtures of the journeys: people in a browser, at a real server with the demo in its database.

``demo``         the tenants and people of the demo; acme's assistant is offline
``scripted``     the provider, which answers in the place of the offline assistant, when the test says so
``server``       the server of most journeys; ``serve(NAME="value")`` is one with other settings, kept for who asks for the same
``visit``        ``visit()``: the tab of somebody new; ``visit(same_person_as=chat)``: one more tab of theirs
``chat``         acme's chat, opened by somebody new

No page may ask anything of another host: a test that allows it opens its pages itself.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import demo as demo_module
from tenants.models import AssistantVersion, Tenant
from tests.e2e.chat import Chat
from tests.support import databases
from tests.support.browsers import NewPage
from tests.support.provider import Provider
from tests.support.servers import ServerProcess

Serve = Callable[..., ServerProcess]
Visit = Callable[..., Chat]

#: Fast, but not so fast that nothing is seen of an answer that is being written.
_WORD_DELAY_MS = "3"


@pytest.fixture
def demo(committed_database: None) -> dict[str, Tenant]:
    """The tenants of the demo by their slugs."""
    demo_module.seed()
    return {tenant.slug: tenant for tenant in Tenant.objects.all()}


@pytest.fixture
def scripted(demo: dict[str, Tenant], provider: Provider) -> Provider:
    """Lets acme's assistant say what the test tells it to, as fast as the test wants."""
    # No process has read this version yet, so that none remembers it as it was.
    AssistantVersion.objects.for_tenant(demo["acme"]).update(provider=AssistantVersion.Provider.OPENAI_COMPATIBLE)
    return provider


@pytest.fixture(scope="session")
def _pool(
    django_db_setup: None, _provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[dict[str, str]], ServerProcess]]:
    """Servers by their settings; each starts when the first test wants it, and serves until the last one."""
    folder = tmp_path_factory.mktemp("journeys")
    servers: dict[frozenset[tuple[str, str]], ServerProcess] = {}

    def with_settings(variables: dict[str, str]) -> ServerProcess:
        common = {
            "DATABASE_URL": databases.url_of(),
            "PROVIDER_BASE_URL": _provider.url,
            "PROVIDER_API_KEY": "sk-of-the-journeys",
            "PROVIDER_DEFAULT_MODEL": "model-of-tests",
            "OFFLINE_WORD_DELAY_MS": _WORD_DELAY_MS,
            "CHAT_DB_THREADS": "4",
            "CHAT_RUN_CHECKPOINT_SECONDS": "0.1",
        }
        key = frozenset(variables.items())
        if key not in servers:
            servers[key] = ServerProcess(folder / f"{len(servers)}.log", {**common, **variables}).start()
        return servers[key]

    yield with_settings
    for server in servers.values():
        server.stop()


@pytest.fixture
def serve(demo: dict[str, Tenant], _pool: Callable[[dict[str, str]], ServerProcess]) -> Iterator[Serve]:
    """A traceback in the log of a server fails the test."""
    used: list[tuple[ServerProcess, int]] = []

    def serve(**variables: str) -> ServerProcess:
        server = _pool(variables)
        used.append((server, len(server.log)))
        return server

    yield serve
    for server, start in used:
        assert "Traceback (most recent call last)" not in server.log[start:], server.log[start:]


@pytest.fixture
def server(serve: Serve) -> ServerProcess:
    return serve()


@pytest.fixture
def visit(request: pytest.FixtureRequest, new_page: NewPage) -> Iterator[Visit]:
    """``server=``, ``host=`` and ``port=`` name other addresses than that of `server`; the rest goes to the browser."""
    opened: list[Chat] = []

    def visit(
        *,
        server: ServerProcess | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        same_person_as: Chat | None = None,
        **browser: Any,
    ) -> Chat:
        if same_person_as is not None:
            page = new_page(same_person_as=same_person_as.page)
            chat = Chat(page, same_person_as.server, same_person_as.host, same_person_as.port)
        else:
            chat = Chat(new_page(**browser), server or request.getfixturevalue("server"), host, port)
        opened.append(chat)
        return chat

    yield visit
    assert [url for chat in opened for url in chat.strangers] == []


@pytest.fixture
def chat(visit: Visit) -> Chat:
    return visit().open()
