"""What is found: by words, by meaning, in one's own tenant."""

import pytest
from django.db import connection

from chat.knowledge import search_queries
from chat.knowledge.scope import SearchScope
from chat.models import Embedding, KnowledgeBase
from tests.support.cast import Cast
from tests.support.knowledge import find, source_of, teach

pytestmark = pytest.mark.usefixtures("committed_database")

RETURNS = "# Returns\n\nGoods can be sent back within thirty days. We refund the price, not the postage."
CARE = "# Care\n\nWash a tent by hand, in cold water, and let it dry in the shade. The code of this model is ZX-81."


def test_it_finds_by_words_and_by_meaning(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, returns=RETURNS, care=CARE)
    assert "ZX-81" in find("what does ZX-81 stand for", handbook)[0]
    # None of these words is in the text.
    assert "refund" in find("money back guarantee for purchases", handbook)[0]
    assert find("xylophone quux", handbook) == []


HUT = (
    "Mountain huts sell soup, bread and postcards. Dogs sleep in the barn. Guests pay in cash, and blankets are lent for free. "
    "The cable car is closed in November. Boots are left at the door. Breakfast begins at six, and the lamps go out at ten."
)
CARS = (
    "A cable car costs ten francs a month.",
    "The cable car has twelve seats; one is mended each month.",
    "The month of the red cable car begins.",
    "Cable car and month are words.",
)


def test_reranked_the_one_sentence_counts_that_answers(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, hut=HUT, **{f"car{number}": text for number, text in enumerate(CARS)})
    question = "In which month is the cable car shut?"
    found = find(question, handbook)
    assert found[-1] == HUT
    reranked = find(question, handbook, reranks=True)
    assert reranked.index(HUT) <= 2
    assert sorted(reranked) == sorted(found)
    assert find("xylophone quux", handbook, reranks=True) == []


def test_a_tenant_finds_its_own_and_nobody_elses(cast: Cast) -> None:
    ours, theirs = source_of(cast.acme), source_of(cast.globex)
    teach(ours, returns=RETURNS)
    teach(theirs, returns="# Returns\n\nGoods can be sent back within NINETY days.")
    assert "thirty" in find("How long can goods be sent back?", ours)[0]
    # A scope is made of a tenant's own sources; even a wrong one shows nothing of another tenant.
    assert find("How long can goods be sent back?", theirs, tenant=cast.acme) == []
    assert not any("NINETY" in text for text in find("goods sent back days", ours, theirs, tenant=cast.acme))


def test_a_small_index_is_compared_one_by_one_and_a_large_one_by_its_graph(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handbook, other = source_of(cast.acme), source_of(cast.globex)
    teach(handbook, returns=RETURNS, care=CARE)
    teach(other, **{f"text{number}": f"# Text {number}\n\nRefund of goods number {number}." for number in range(30)})
    base = search_queries.base_of(cast.acme.pk)
    assert base is not None
    assert base.index is not None
    scope = SearchScope(cast.acme.pk, (handbook.pk,))
    (text,) = (
        Embedding.objects.for_tenant(cast.acme).filter(chunk__text__contains="refund").values_list("vector", flat=True)
    )
    vector = search_queries.vector_text(text)
    exact = search_queries.by_vector(vector, base.index, scope)
    monkeypatch.setattr(search_queries, "EXACT_UP_TO", 0)
    monkeypatch.setattr(search_queries, "_sizes", {})
    with connection.cursor() as cursor:
        cursor.execute("SET enable_sort = off")  # so few rows are sorted otherwise
        graph = search_queries.by_vector(vector, base.index, scope)
        cursor.execute("RESET enable_sort")
    assert dict(graph) == pytest.approx(dict(exact))
    assert len(exact) == 2


def test_words_are_those_of_the_tenants_language(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    KnowledgeBase.objects.create(tenant=cast.acme, language="german", words_language="german")
    teach(handbook, zelte="# Zelte\n\nDie Häuser der Berge sind aus Stein.")
    # "Haus" is no word of the text, but the same word in German.
    words = search_queries.words_of("Haus", "german", cast.acme.pk)
    assert [word.chunks for word in words] == [1]


@pytest.mark.parametrize("question", ["", "   ", "' | & ! ( ) : * <-> \\ '' ", "the of and", "a" * 50_000, "\0"])
def test_any_question_is_a_question(cast: Cast, question: str) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, returns=RETURNS)
    assert isinstance(find(question, handbook), list)
