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
from tests.conftest import lent
from tests.e2e.chat import Chat
from tests.support import databases
from tests.support.browsers import NewPage
from tests.support.provider import Provider
from tests.support.servers import KeptServers, ServerProcess

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
def _journey_servers(
    django_db_setup: None, _provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KeptServers]:
    common = {
        "DATABASE_URL": databases.url_of(),
        "PROVIDER_BASE_URL": _provider.url,
        "PROVIDER_API_KEY": "sk-of-the-journeys",
        "PROVIDER_DEFAULT_MODEL": "model-of-tests",
        "OFFLINE_WORD_DELAY_MS": _WORD_DELAY_MS,
        "CHAT_DB_THREADS": "4",
        "CHAT_RUN_CHECKPOINT_SECONDS": "0.1",
    }
    kept = KeptServers(tmp_path_factory.mktemp("journeys"), common)
    yield kept
    kept.stop()


@pytest.fixture
def serve(demo: dict[str, Tenant], _journey_servers: KeptServers) -> Iterator[Serve]:
    yield from lent(_journey_servers)


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
