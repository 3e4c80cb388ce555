"""A server that was written for the SDK, at a real process: each of its methods is called, and the guide's example runs."""

import base64
from pathlib import Path
from typing import Any

from chatkit.server import ChatKitServer

from tests.conftest import Browse, StartServer
from tests.support.blocks import block
from tests.support.browsing import items_of, refusal
from tests.support.cast import Cast

GUIDE = "docs/guides/moving-a-chatkit-server.md"
#: What the SDK lets a subclass override.
PUBLIC = {name for name in vars(ChatKitServer) if not name.startswith("_")}


def test_every_method_of_the_sdk_that_a_server_overrides_is_called(
    cast: Cast, server_with: StartServer, browse: Browse
) -> None:
    server = server_with(CHATKIT_SERVER="tests.support.sdk_servers.Everything", CHAT_RUN_CHECKPOINT_SECONDS="0.05")
    dave = browse(server=server).open()
    turn = dave.say("widget")
    assert turn.run_id.startswith("run_")
    (card,) = items_of(turn.frames, "widget")
    assert {"type": "progress_update", "text": "buy {'n': 1}"} in dave.act(turn, card, "buy", {"n": 1})
    action = {"thread_id": turn.thread_id, "item_id": card["id"], "action": {"type": "buy", "payload": {}}}
    assert "At once" in str(dave.ask("threads.sync_custom_action", action))
    dave.ask("items.feedback", {"thread_id": turn.thread_id, "item_ids": [card["id"]], "kind": "positive"})
    audio = {"audio_base64": base64.b64encode(b"hello").decode(), "mime_type": "audio/webm;codecs=opus"}
    assert dave.ask("input.transcribe", audio)["text"] == "b'hello' audio/webm;codecs=opus audio/webm"
    tab = browse(server=server)
    tab.token = dave.token
    with dave.saying("wait") as stream:
        stream.until(lambda frame: frame["type"] == "thread.item.added")
        assert tab.cancel(stream.run_id).status_code == 202
        assert stream.rest()[-1]["type"] == "thread.item.removed"
    assert set(dave.say("what was called?", turn.thread_id).text.split()) >= PUBLIC
    # What the gate refuses does not come that far.
    assert refusal(dave.post("threads.get_by_id", {"thread_id": "gone"})) == (404, "not_found")
    assert refusal(dave.post("threads.nothing")) == (400, "unknown_operation")


def test_the_server_of_the_guide_runs(cast: Cast, start_server: StartServer, browse: Browse, tmp_path: Path) -> None:
    (tmp_path / "travel.py").write_text(block(GUIDE, "python", "# travel.py"))
    server = start_server(CHATKIT_SERVER="travel.TravelServer", PYTHONPATH=str(tmp_path))
    dave = browse(server=server).open()
    turn = dave.say("Lisbon in May")
    assert turn.text == "Noted: Lisbon in May"
    assert dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"] == "Trip: Lisbon in May"
    (card,) = items_of(turn.frames, "widget")
    answer: list[dict[str, Any]] = items_of(
        dave.act(turn, card, "book", {"trip": "Lisbon in May"}), "assistant_message"
    )
    assert answer[-1]["content"][0]["text"] == "Booked: Lisbon in May"
    assert dave.say("And Porto", turn.thread_id).text == "Noted: And Porto"
