"""OpenTelemetry: spans of requests, runs, calls of models and tools, where `OTLP_ENDPOINT` names a collector; else nothing at all.

No word of a conversation is in a span, nor an exception's text, which may quote one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from opentelemetry import trace

Value = str | int
End = Callable[..., None]


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[None]:
    """A span that lasts as long as the block."""
    with lasting(name, **attributes) as end:
        try:
            yield
        finally:
            end()


@contextmanager
def lasting(name: str, **attributes: Value) -> Iterator[End]:
    """A span that goes on until what the block is given is called, with more attributes.

    Spans that begin in the block, or in tasks that begin there, are within it.
    """
    if not settings.OTLP_ENDPOINT:
        yield _nothing
        return
    begun = _tracer().start_span(name, attributes=_named(attributes))
    with trace.use_span(begun, end_on_exit=False, record_exception=False, set_status_on_exception=False):

        def end(**more: Value) -> None:
            begun.set_attributes(_named(more))
            begun.end()

        yield end


@functools.cache
def _tracer() -> trace.Tracer:
    # They need not be installed where nobody wants spans.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(
        resource=Resource({"service.name": "chatplatform"}).merge(OTELResourceDetector().detect())
    )
    exporter = OTLPSpanExporter(endpoint=f"{settings.OTLP_ENDPOINT.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))  # in a thread of its own
    return provider.get_tracer("chatplatform")


def _named(attributes: dict[str, Value]) -> dict[str, Value]:
    return {f"chatplatform.{name}": value for name, value in attributes.items()}


def _nothing(**_: Value) -> None:
    """End nothing."""
