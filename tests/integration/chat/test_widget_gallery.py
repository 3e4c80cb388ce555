"""The gallery of widgets reaches the browser, and is stored, as it was written: also what the SDK's classes do not know."""

import json
from typing import Any

import pytest

from chat.widgets.template import LIBRARY
from tests.conftest import Browse
from tests.support.browsing import Browser, Turn, items_of, text_of


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


@pytest.fixture
def shown(dave: Browser) -> Turn:
    return dave.say("Show every widget.")


def written() -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted((LIBRARY / "gallery").glob("*.json"))]


def components(node: Any) -> set[str]:
    match node:
        case {"type": str(kind)}:
            return {kind} | {name for value in node.values() for name in components(value)}
        case dict():
            return {name for value in node.values() for name in components(value)}
        case list():
            return {name for value in node for name in components(value)}
        case _:
            return set()


def test_every_component_comes_through_unchanged(dave: Browser, shown: Turn) -> None:
    stored = [item["widget"] for item in dave.items(shown.thread_id) if item["type"] == "widget"]
    assert stored == [item["widget"] for item in items_of(shown.frames, "widget")]
    *still, last = written()
    assert stored[:-1] == still
    grown = {
        **last,
        "children": [{**c, "value": "", "streaming": True} if c.get("id") else c for c in stored[-1]["children"]],
    }
    assert grown == last
    # Neither the table nor a card's border is known to the package; the chart is not known to the types.
    assert {"Table", "Table.Row", "Table.Cell", "Chart"} <= components(stored)
    assert any("border" in widget for widget in stored)


def test_the_gallery_has_every_component() -> None:
    declared = json.loads((LIBRARY.parents[2] / "frontend/tests/client/widgets/python-widgets.json").read_text())
    assert {*declared, "Basic", "Table", "Table.Row", "Table.Cell"} - components(written()) == set()


def test_its_text_grows(shown: Turn) -> None:
    updates = [frame["update"] for frame in shown.frames if frame["type"] == "thread.item.updated"]
    grown = [update for update in updates if update["type"] == "widget.streaming_text.value_delta"]
    assert len(grown) > 5
    assert {update["component_id"] for update in grown} == {"growing"}


def test_its_actions_say_what_has_arrived(dave: Browser, shown: Turn) -> None:
    form = next(item for item in items_of(shown.frames, "widget") if item["widget"].get("asForm"))
    frames = dave.act(shown, form, "gallery.tell", {"what": "the form", "trip": {"name": "Ada"}})
    assert text_of(frames) == 'I received `{"trip": {"name": "Ada"}, "what": "the form"}`.'


def test_an_action_that_does_not_stream_marks_its_widget(dave: Browser, shown: Turn) -> None:
    buttons = next(item for item in items_of(shown.frames, "widget") if "gallery.mark" in str(item))
    payload = {"text": "Marked, while others may still be writing"}
    params = {
        "thread_id": shown.thread_id,
        "item_id": buttons["id"],
        "action": {"type": "gallery.mark", "payload": payload},
    }
    marked = dave.ask("threads.sync_custom_action", params)["updated_item"]
    assert marked["widget"]["status"]["text"] == payload["text"]
    assert marked["widget"]["children"] == buttons["widget"]["children"]
