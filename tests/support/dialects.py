"""The two APIs of OpenAI as the provider of the tests speaks them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.answers import CallTool, Cite, Decline, Draw, Think

#: What each answer costs: tokens of input, those of them that were cached, of output, and those of them that were thoughts.
TOKENS = (1000, 400, 100, 60)
#: What an image costs beside: tokens of input, and of output.
DRAWN = (50, 1000)


def whole(request: dict[str, Any], text: str) -> dict[str, Any]:
    """A chat completion that does not stream."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": request["model"]}
    return {**head, "choices": [choice]}


def _written(call: CallTool) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


class Completions:
    """Chat Completions, as most providers speak it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self._finish = "stop"
        self.tokens = TOKENS

    def last_words(self) -> str:
        content = self._request["messages"][-1].get("content") or ""
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

    def begin(self) -> list[str]:
        return [self._chunk({"role": "assistant", "content": ""})]

    def text(self, text: str) -> list[str]:
        return [self._chunk({"content": text})]

    def think(self, thought: Think) -> list[str]:
        return [self._chunk({"reasoning_content": piece}) for piece in thought.pieces]

    def cite(self, source: Cite) -> list[str]:
        place = {"url": source.url, "title": source.title, "start_index": 0, "end_index": 3}
        return [self._chunk({"annotations": [{"type": "url_citation", "url_citation": place}]})]

    def decline(self, refusal: Decline) -> list[str]:
        return [self._chunk({"refusal": piece}) for piece in refusal.pieces]

    def draw(self, image: Draw) -> list[str]:
        raise NotImplementedError

    def call(self, call: CallTool) -> list[str]:
        self._finish = "tool_calls"
        function = {"name": call.name, "arguments": _written(call)}
        return [self._chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]})]

    def end(self) -> list[str]:
        wants_usage = (self._request.get("stream_options") or {}).get("include_usage")
        return [self._chunk({}, self._finish), *([self._usage()] if wants_usage else []), "data: [DONE]"]

    def _usage(self) -> str:
        given, cached, written, thought = self.tokens
        usage = {
            "prompt_tokens": given,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens": written,
            "completion_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": given + written,
        }
        chunk = json.loads(self._chunk({}).removeprefix("data: ")) | {"choices": [], "usage": usage}
        return f"data: {json.dumps(chunk)}"

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        # Every answer has the same id: some providers do that.
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": self._request["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return f"data: {json.dumps(chunk)}"


class Responses:
    """The Responses API."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self.tokens = TOKENS
        self._text = ""
        self._number = 0
        self._is_open = False
        self._citations: list[dict[str, Any]] = []
        self._refusal = ""
        self._images: list[dict[str, Any]] = []

    def last_words(self) -> str:
        content = self._request["input"][-1].get("content") or ""
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

    def begin(self) -> list[str]:
        return [self._event("response.created", response=self._response([]))]

    def text(self, text: str) -> list[str]:
        self._text += text
        return [
            *self._open(self._part("")),
            self._event("response.output_text.delta", **self._place, delta=text, logprobs=[]),
        ]

    def think(self, thought: Think) -> list[str]:
        place = {"item_id": "rs_1", "output_index": 0, "summary_index": 0}
        whole = "".join(thought.pieces)
        item = {"type": "reasoning", "id": "rs_1", "summary": []}
        part = {"type": "summary_text", "text": ""}
        return [
            self._event("response.output_item.added", output_index=0, item=item),
            self._event("response.reasoning_summary_part.added", **place, part=part),
            *(self._event("response.reasoning_summary_text.delta", **place, delta=piece) for piece in thought.pieces),
            self._event("response.reasoning_summary_text.done", **place, text=whole),
            self._event("response.reasoning_summary_part.done", **place, part=part | {"text": whole}),
            self._event("response.output_item.done", output_index=0, item=item | {"summary": [part | {"text": whole}]}),
        ]

    def cite(self, source: Cite) -> list[str]:
        citation = {"type": "url_citation", "url": source.url, "title": source.title, "start_index": 0, "end_index": 3}
        self._citations.append(citation)
        number = len(self._citations) - 1
        kind = "response.output_text.annotation.added"
        return [self._event(kind, **self._place, annotation_index=number, annotation=citation)]

    def decline(self, refusal: Decline) -> list[str]:
        self._refusal = "".join(refusal.pieces)
        return [
            *self._open({"type": "refusal", "refusal": ""}),
            *(self._event("response.refusal.delta", **self._place, delta=piece) for piece in refusal.pieces),
        ]

    def draw(self, image: Draw) -> list[str]:
        """Images stand before the words."""
        place = {"item_id": f"ig_{len(self._images) + 1}", "output_index": len(self._images)}
        item = {"type": "image_generation_call", "id": place["item_id"], "status": "in_progress", "result": None}
        done = item | {
            "status": "completed" if image.image else "failed",
            "result": image.image,
            "output_format": "png",
        }
        if image.image:
            self._images.append(done)
        kind = "response.image_generation_call"
        begun = [
            self._event("response.output_item.added", output_index=place["output_index"], item=item),
            self._event(f"{kind}.in_progress", **place),
            self._event(f"{kind}.generating", **place),
            *(
                self._event(f"{kind}.partial_image", **place, partial_image_index=at, partial_image_b64=made)
                for at, made in enumerate(image.partial)
            ),
        ]
        if not image.is_over:
            return begun
        return [
            *begun,
            *([self._event(f"{kind}.completed", **place)] if image.image else []),
            self._event("response.output_item.done", output_index=place["output_index"], item=done),
        ]

    def _open(self, part: dict[str, Any]) -> list[str]:
        """Begin the message, if that was not done."""
        if self._is_open:
            return []
        self._is_open = True
        return [
            self._event("response.output_item.added", output_index=0, item=self._message("in_progress", [])),
            self._event("response.content_part.added", **self._place, part=part),
        ]

    def call(self, call: CallTool) -> list[str]:
        raise NotImplementedError

    def end(self) -> list[str]:
        if self._images and not self._is_open:
            return [self._event("response.completed", response=self._response(self._images))]
        part = {"type": "refusal", "refusal": self._refusal} if self._refusal else self._part(self._text)
        message = self._message("completed", [part])
        return [
            *self._open(self._part("")),
            self._event("response.content_part.done", **self._place, part=part),
            self._event("response.output_item.done", output_index=0, item=message),
            self._event("response.completed", response=self._response([*self._images, message])),
        ]

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": "msg_1", "output_index": 0, "content_index": 0}

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": self._citations, "logprobs": []}

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "message", "id": "msg_1", "role": "assistant", "status": status, "content": content}

    def _response(self, output: list[dict[str, Any]]) -> dict[str, Any]:
        given, cached, written, thought = self.tokens
        usage = {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": given + written,
        }
        return {
            "usage": usage if output else None,
            "id": "resp_1",
            "object": "response",
            "created_at": 1_700_000_000,
            "model": self._request["model"],
            "status": "completed" if output else "in_progress",
            "output": output,
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
            "tool_usage": self._tool_usage() if self._images else None,
        }

    def _tool_usage(self) -> dict[str, Any]:
        given, written = (tokens * len(self._images) for tokens in DRAWN)
        image = {
            "input_tokens": given,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": given},
            "output_tokens": written,
            "total_tokens": given + written,
        }
        return {"image_gen": image, "web_search": {"num_requests": 0}}

    def _event(self, kind: str, **fields: Any) -> str:
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': self._number, **fields})}"
