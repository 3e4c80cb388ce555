"""`python -m benchmarks.client`: what the open client weighs and costs in Chromium, beside a server that only says what it must."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, Target, table
from tests.support.browsers import chromium_path

CLIENT = Path(__file__).parents[1] / "static" / "chatkit"
DELTAS_PER_SECOND = 200
ANSWER_SECONDS = 10
TURNS = 500
ITEMS = 10_000
SCROLL_SECONDS = 5

_PAGE = """<!doctype html><meta charset="utf-8"><title>Bench</title><style>html, body { margin: 0; height: 100% }</style>
<openai-chatkit></openai-chatkit><script type="module">
import "/client.js";
window.chat = document.querySelector("openai-chatkit");
chat.setOptions({ api: { url: "/chatkit", domainKey: "local" }, startScreen: { greeting: "Here" } });
window.ended = () => new Promise(resolve => chat.addEventListener("chatkit.response.end", resolve, { once: true }));
window.say = async text => { const end = ended(); await chat.sendUserMessage({ text }); await end; };
</script>"""
_TEXT = "Deltas of **Markdown** with `code`, a [link](https://example.com) and words that go on."
_WORDS = _TEXT.split()


def _item(kind: str, number: int, text: str) -> dict[str, Any]:
    part = {"type": "input_text" if kind == "user_message" else "output_text", "text": text, "annotations": []}
    return {
        "type": kind, "id": f"msg_{number}", "thread_id": "thr_1", "created_at": "2026-01-01T00:00:00Z", "content": [part],
        "attachments": [], "inference_options": {},
    }  # fmt: skip


def _thread(items: list[dict[str, Any]]) -> dict[str, Any]:
    page = {"data": items, "has_more": False}
    return {"id": "thr_1", "created_at": "2026-01-01T00:00:00Z", "status": {"type": "active"}, "items": page}


class _Handler(BaseHTTPRequestHandler):
    """The files of the client, and ChatKit's protocol as far as the measures need it."""

    protocol_version = "HTTP/1.0"
    number = 0

    def do_GET(self) -> None:
        path = CLIENT / self.path.lstrip("/")
        is_file = self.path != "/" and path.is_file()
        self._answer(path.read_bytes() if is_file else _PAGE.encode(), "text/javascript" if is_file else "text/html")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if request["type"] == "threads.get_by_id":
            kinds = ("user_message", "assistant_message")
            items = [_item(kinds[at % 2], at, " ".join(_WORDS * (1 + at % 5))) for at in range(ITEMS)]
            return self._answer(json.dumps(_thread(items)).encode(), "application/json")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        text = request["params"]["input"]["content"][0]["text"]
        if request["type"] == "threads.create":
            self._say({"type": "thread.created", "thread": _thread([])})
        self._say({"type": "thread.item.done", "item": _item("user_message", self._next(), text)})
        self._answer_in_deltas(DELTAS_PER_SECOND * ANSWER_SECONDS if text == "long" else 20, paced=text == "long")
        return None

    def _answer_in_deltas(self, count: int, *, paced: bool) -> None:
        item = _item("assistant_message", self._next(), "")
        self._say({"type": "thread.item.added", "item": item})
        begun, text = time.monotonic(), ""
        for at in range(count):
            if paced:
                time.sleep(max(0.0, begun + at / DELTAS_PER_SECOND - time.monotonic()))
            delta = _WORDS[at % len(_WORDS)] + ("\n\n" if at % 60 == 59 else " ")
            text += delta
            update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": delta}
            self._say({"type": "thread.item.updated", "item_id": item["id"], "update": update})
        self._say({"type": "thread.item.done", "item": item | {"content": [item["content"][0] | {"text": text}]}})

    def _say(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def _next(self) -> int:
        _Handler.number += 1
        return ITEMS + _Handler.number

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_about: Any) -> None:
        """Nothing."""


def _figure(
    name: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    aim = at_most if at_least is None else at_least
    target = None if aim is None else Target(aim, of_peer=False, higher_is_better=at_least is not None)
    return Figure(name, unit, target, {"ours": [value]})


@dataclass
class _Tab:
    page: Page

    def __post_init__(self) -> None:
        self._cdp = self.page.context.new_cdp_session(self.page)
        # Of the thread, not of the clock: on a busy machine a task waits more than it works.
        self._cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metric(self, name: str) -> float:
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == name))

    def heap(self) -> float:
        """MiB that are in use after everything else was collected."""
        self._cdp.send("HeapProfiler.collectGarbage")
        return self.metric("JSHeapUsedSize") / 2**20


def first_load() -> list[Figure]:
    seen: set[str] = set()

    def weigh(name: str) -> int:
        if name in seen:
            return 0
        seen.add(name)
        code = (CLIENT / name).read_text()
        imports = re.findall(r'(?:from|import)\s*"\./(?:assets/)?([^"]+\.js)"', code)
        return len(gzip.compress(code.encode(), 9)) + sum(weigh(f"assets/{found}") for found in imports)

    return [_figure("first load", weigh("client.js") / 1024, "KiB gzip", at_most=60)]


def first_paint(tab: _Tab) -> list[Figure]:
    asked: list[str] = []
    tab.page.on("request", lambda request: request.method == "POST" and asked.append(request.url))
    tab.page.reload()
    tab.page.get_by_role("heading", name="Here").wait_for()
    paint = tab.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    return [
        _figure("first contentful paint", paint, "ms"),
        _figure("requests to the API before it", len(asked), "", at_most=0),
    ]


def streaming(tab: _Tab) -> list[Figure]:
    begun, worked = time.monotonic(), tab.metric("TaskDuration")
    tab.page.evaluate("say('long')")
    share = (tab.metric("TaskDuration") - worked) / (time.monotonic() - begun)
    return [_figure(f"main thread at {DELTAS_PER_SECOND} deltas/s", share * 100, "% of a core", at_most=30)]


def memory(tab: _Tab) -> list[Figure]:
    say = "async count => { for (let turn = 0; turn < count; turn++) await say('turn'); }"
    tab.page.evaluate("chat.setThreadId(null)")
    tab.page.evaluate(say, 10)
    tab.page.evaluate("chat.setThreadId(null)")
    bare = tab.heap()
    tab.page.evaluate(say, TURNS)
    whole = tab.heap()
    tab.page.evaluate("chat.setThreadId(null)")
    tab.page.wait_for_timeout(500)
    return [
        _figure("heap for each turn on screen", (whole - bare) * 1024 / TURNS, "KiB"),
        _figure(f"heap that stays after {TURNS} turns", tab.heap() - bare, "MiB", at_most=3),
    ]


def scrolling(tab: _Tab) -> list[Figure]:
    begun = time.monotonic()
    tab.page.evaluate("chat.setThreadId('thr_1')")
    tab.page.wait_for_function(f"chat.shadowRoot.querySelectorAll('ck-turn').length === {ITEMS // 2}")
    shown = time.monotonic() - begun
    tab.page.wait_for_timeout(1000)
    worked = tab.metric("TaskDuration")
    frames: list[float] = tab.page.evaluate(
        """async seconds => {
            const scroller = chat.shadowRoot.querySelector('.scroll'), frames = [];
            const end = performance.now() + seconds * 1000;
            for (let last = performance.now(); last < end;) {
                scroller.scrollTop -= 120;
                const now = await new Promise(requestAnimationFrame);
                frames.push(now - last);
                last = now;
            }
            return frames.slice(1);
        }""",
        SCROLL_SECONDS,
    )
    share = (tab.metric("TaskDuration") - worked) * 1000 / sum(frames)
    frames.sort()
    return [
        _figure(f"{ITEMS:,} items on screen after", shown, "s"),
        _figure("frames while they scroll", len(frames) * 1000 / sum(frames), "/s", at_least=55),
        _figure("95th percentile of a frame", frames[int(len(frames) * 0.95)], "ms"),
        _figure("main thread while they scroll", share * 100, "% of a core"),
        _figure("heap with them", tab.heap(), "MiB"),
    ]


@contextmanager
def _tab() -> Iterator[_Tab]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), chromium_sandbox=False, args=["--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(300_000)
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        yield _Tab(page)
        browser.close()
    server.shutdown()


def main() -> None:
    print(table(first_load()), flush=True)
    with _tab() as tab:
        for measure in (first_paint, streaming, memory, scrolling):
            print(table(measure(tab)), flush=True)


if __name__ == "__main__":
    main()
