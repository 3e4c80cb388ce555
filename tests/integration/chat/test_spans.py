"""Spans, as a collector on loopback gets them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import Browse, StartServer, quick
from tests.support.answers import CallTool, Refuse
from tests.support.cast import Cast, assistant_of
from tests.support.loopback import Handler, LoopbackServer
from tests.support.provider import Provider


class Collector(LoopbackServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.listen(_Handler)

    def spans(self) -> dict[str, Span]:
        found = {}
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    found.update({span.name: span for span in scope.spans})
        return found


class _Handler(Handler):
    owner: Collector

    def do_POST(self) -> None:
        self.owner.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(200, b"", "application/x-protobuf")


@pytest.fixture
def collector() -> Iterator[Collector]:
    standing = Collector()
    yield standing
    standing.stop()


def attributes(span: Span) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_an_answer_is_one_trace_without_its_words(
    start_server: StartServer,
    browse: Browse,
    provider: Provider,
    *,
    cast: Cast,
    collector: Collector,
    eventually: Callable[..., Any],
) -> None:
    endpoint = collector.origin
    server = start_server(**quick(provider), OTLP_ENDPOINT=endpoint, OTEL_BSP_SCHEDULE_DELAY="50")
    tooled = assistant_of(cast.acme, "tooled", provider="openai_compatible", tools=["calculator"])
    provider.will_say(CallTool("calculator", {"expression": "6*7"}))
    provider.will_say("SECRET-of-the-model")
    answer = browse(server=server).open(tooled.slug).say("SECRET-of-dave")
    assert answer.text == "SECRET-of-the-model"
    found = eventually(lambda: collector.spans() if {"request", "run"} <= set(collector.spans()) else None)
    request, run = found["request"], found["run"]
    assert (run.parent_span_id, run.trace_id) == (request.span_id, request.trace_id)
    for inner in (found["model"], found["tool"]):
        assert (inner.parent_span_id, inner.trace_id) == (run.span_id, request.trace_id)
        assert inner.end_time_unix_nano >= inner.start_time_unix_nano > 0
    assert attributes(run) == {
        "chatplatform.tenant": "acme",
        "chatplatform.run_id": answer.run_id,
        "chatplatform.outcome": "completed",
    }
    assert attributes(found["model"])["chatplatform.model"] == "model-of-tests"
    assert attributes(found["tool"]) == {"chatplatform.tool": "calculator"}

    provider.will_say(Refuse(401))
    browse(server=server).open(tooled.slug).say("SECRET-of-dave")
    failed = eventually(lambda: (span := collector.spans()["run"]).span_id != run.span_id and span)
    assert attributes(failed)["chatplatform.outcome"] == "failed"
    assert attributes(collector.spans()["model"]) == {"chatplatform.failed": "true"}
    assert b"SECRET" not in b"".join(collector.bodies)
