"""People of the campaign: they send, read, lose their lines, come back at the other server, stop, and remember what they saw."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tests.faults.model import question
from tests.support.browsing import RUN_HEADER, Browser, message

#: How long a stream may be silent before a client takes it for dead: several heartbeats.
SILENCE = 4.0
#: How long a client tries to read an answer to its end.
PATIENCE = 60.0


class Shown:
    """A conversation's newest answer as a client shows it: ChatKit's frames, applied."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.errors: list[str] = []
        #: Every text that was to be seen at some moment.
        self.history: list[str] = []

    def apply(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in ("thread.item.added", "thread.item.done", "thread.item.replaced"):
            item = frame["item"]
            if item["type"] == "assistant_message":
                self._set(item["id"], "".join(part["text"] for part in item["content"]))
                self.marks[item["id"]] = item.get("interrupted", "")
        elif kind == "thread.item.removed":
            self.texts.pop(frame["item_id"], None)
        elif kind == "thread.item.updated" and frame["update"]["type"].endswith("text_delta"):
            self._set(frame["item_id"], self.texts.get(frame["item_id"], "") + frame["update"]["delta"])
        elif kind == "error":
            self.errors.append(frame.get("platform_code") or frame.get("code") or "")

    def _set(self, item_id: str, text: str) -> None:
        self.texts[item_id] = text
        self.history.append(text)


@dataclass
class Sent:
    """A message, and what became of it as far as its sender knows."""

    name: str
    text: str
    thread_id: str | None = None
    run_id: str | None = None
    #: The platform said that it has the message.
    is_acknowledged: bool = False
    #: Its stream came to an end.
    is_ended: bool = False
    is_stopped: bool = False
    refusal: str = ""
    shown: Shown = field(default_factory=Shown)
    #: The place in the run's log up to which frames have come.
    position: int | str = 0  # as the server gave it


class Client:
    """One person with a cookie, who knows both servers."""

    def __init__(self, name: str, browsers: list[Browser], random: Random) -> None:
        self.name, self._browsers, self._random = name, browsers, random
        self.threads: list[str] = []
        self.sent: list[Sent] = []
        self.failure: BaseException | None = None
        for browser in browsers:
            browser.http.timeout = httpx.Timeout(SILENCE, connect=2.0, write=5.0, pool=5.0)

    def chat(self, messages: int, until: float) -> None:
        """Send messages, each once its predecessor's answer has ended."""
        try:
            for number in range(messages):
                if time.monotonic() > until:
                    return
                thread_id = self._random.choice([None, *self.threads])
                name = f"{self.name}m{number}"
                text = question(name, self._random.randint(5, 60), self._random.randint(5, 60))
                self.say(Sent(name, text, thread_id), loses_line=self._random.random() < 0.4)
        except BaseException as failure:  # noqa: BLE001 - the round reports it
            self.failure = failure

    def say(self, sent: Sent, *, loses_line: bool = False) -> Sent:
        """Send a message and read its answer to the end, wherever that is to be had."""
        self.sent.append(sent)
        leaves_after = self._random.randint(1, 25) if loses_line else None
        stops_after = self._random.randint(3, 20) if self._random.random() < 0.15 and loses_line else None
        browser = self._random.choice(self._browsers)
        params: dict[str, Any] = {"input": message(sent.text)}
        kind = "threads.create"
        if sent.thread_id is not None:
            kind, params["thread_id"] = "threads.add_user_message", sent.thread_id
        try:
            with browser.http.stream("POST", browser.url, json={"type": kind, "params": params}) as response:
                if response.status_code != 200:
                    response.read()
                    sent.refusal = response.json()["error"]["code"]
                    return sent
                sent.is_acknowledged, sent.run_id = True, response.headers[RUN_HEADER]
                self._read(sent, response, leaves_after, counts=True)
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            sent.refusal = sent.refusal or type(error).__name__
        if not sent.is_acknowledged:
            return sent
        if stops_after is not None:
            self._stop(sent)
        deadline = time.monotonic() + PATIENCE
        while not sent.is_ended and time.monotonic() < deadline:
            self._attach(sent)
        return sent

    def _attach(self, sent: Sent) -> None:
        browser = self._random.choice(self._browsers)
        url = f"/api/chatkit/runs/{sent.run_id}/events?after={sent.position}&tenant={browser.tenant}"
        try:
            with browser.http.stream("GET", url) as response:
                if response.status_code == 200:
                    self._read(sent, response, None, counts=False)
                    return
                response.read()
                sent.refusal = response.json()["error"]["code"]
        except (httpx.HTTPError, json.JSONDecodeError):
            pass
        time.sleep(0.1)

    def _read(self, sent: Sent, response: httpx.Response, leaves_after: int | None, *, counts: bool) -> None:
        for number, (place, frame) in enumerate(_frames(response)):
            if place is not None:
                sent.position = place
            elif counts:
                sent.position = int(sent.position) + 1
            sent.shown.apply(frame)
            if frame["type"] == "thread.created":
                sent.thread_id = frame["thread"]["id"]
                self.threads.append(frame["thread"]["id"])
            if number == leaves_after:
                return
        sent.is_ended = True

    def _stop(self, sent: Sent) -> None:
        browser = self._random.choice(self._browsers)
        try:
            assert sent.run_id is not None
            sent.is_stopped = browser.cancel(sent.run_id).status_code == 202
        except httpx.HTTPError:
            pass


def _frames(response: httpx.Response) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Number, where there is one, and frame."""
    buffer = ""
    for piece in response.iter_text():
        buffer += piece
        while "\n\n" in buffer:
            block, buffer = buffer.split("\n\n", 1)
            number, frame = None, None
            for line in block.split("\n"):
                name, _, value = line.partition(": ")
                if name == "id":
                    number = value
                elif name == "data":
                    frame = json.loads(value)
            if frame is not None:
                yield number, frame
