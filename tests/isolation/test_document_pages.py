"""The page of a document x every kind of person."""

import httpx
import pytest

from chat.models import Document, KnowledgeSource
from chatplatform.lib.ids import new_id
from tenants.models import Assistant
from tests.conftest import Browse, StartServer
from tests.support.browsing import Browser
from tests.support.cast import Cast, assistant_of
from tests.support.knowledge import source_of, teach

Audience = KnowledgeSource.Audience


def ask(browser: Browser, document: str, tenant: str = "acme") -> httpx.Response:
    return browser.http.get(f"/t/{tenant}/documents/{document}/?at=0")


@pytest.fixture
def ids(cast: Cast) -> dict[str, str]:
    """A document for each audience, and one of nobody's."""
    made = {"nobody": new_id("document")}
    for audience in Audience.values:
        (document,) = teach(source_of(cast.acme, audience, audience=audience), one=f"SECRET-of-{audience}")
        made[audience] = document.public_id
    return made


def test_each_finds_what_is_meant_for_them_and_nothing_else_exists(
    cast: Cast, browse: Browse, ids: dict[str, str]
) -> None:
    people: dict[str, tuple[Browser, set[str]]] = {
        "alice, an owner": (browse(cast.alice).open(), set(Audience.values)),
        "bob, who only signed in": (browse(cast.bob), set(Audience.values)),
        "dave, a visitor": (browse().open(), {Audience.EVERYBODY}),
        "carol of another tenant, signed in": (browse(cast.carol, tenant="globex").open(), set()),
    }
    for who, (browser, allowed) in people.items():
        unknown = ask(browser, ids["nobody"])
        assert unknown.status_code == 404, who
        for audience in Audience.values:
            answer = ask(browser, ids[audience])
            assert answer.status_code == (200 if audience in allowed else 404), (who, audience)
            assert (f"SECRET-of-{audience}" in answer.text) == (audience in allowed)
            if audience not in allowed:
                assert answer.text == unknown.text
        # Nor does it open under another tenant's name.
        assert ask(browser, ids[Audience.EVERYBODY], "globex").status_code in (302, 404)


def test_whoever_is_nobody_is_asked_to_sign_in_for_whatever_there_is(
    browse: Browse, cast: Cast, ids: dict[str, str]
) -> None:
    answers = [ask(browse(), ids[name]) for name in ("everybody", "nobody")]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert all(answer.headers["location"].startswith("/login/?next=") for answer in answers)


def test_a_document_that_answers_nothing_is_not_shown(browse: Browse, cast: Cast, ids: dict[str, str]) -> None:
    dave = browse().open()
    assert ask(dave, ids["everybody"]).status_code == 200
    Document.objects.for_tenant(cast.acme).update(version=0)
    assert ask(dave, ids["everybody"]).status_code == 404


def test_a_visitor_sees_only_what_their_assistant_names(browse: Browse, cast: Cast) -> None:
    named, other = source_of(cast.acme, "Named"), source_of(cast.acme, "Other")
    (shown,), (hidden,) = teach(named, one="Tents."), teach(other, one="SECRET")
    assistant_of(cast.acme, "narrow", knowledge={"sources": [named.public_id]})
    dave = browse().open("narrow")
    assert ask(dave, shown.public_id).status_code == 200
    answer, unknown = ask(dave, hidden.public_id), ask(dave, new_id("document"))
    assert (answer.status_code, answer.text) == (404, unknown.text)
    for anything in (browse().open("guide"), browse(cast.bob).open("narrow")):
        assert ask(anything, hidden.public_id).status_code == 200
    Assistant.objects.for_tenant(cast.acme).filter(slug="narrow").update(published_version=None)
    assert ask(dave, shown.public_id).status_code == 404


def test_pages_of_documents_are_limited_for_each_person(
    start_server: StartServer, browse: Browse, cast: Cast, ids: dict[str, str]
) -> None:
    server = start_server(CHAT_SEARCH_RATE_LIMIT="2/minute")
    dave, bob = browse(server=server).open(), browse(cast.bob, server=server)
    for reader in (dave, bob):
        # What is found and what is not count the same.
        assert [ask(reader, ids[name]).status_code for name in ("everybody", "nobody")] == [200, 404]
        refused = ask(reader, ids["everybody"])
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "SECRET" not in refused.text
