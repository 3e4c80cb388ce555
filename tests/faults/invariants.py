"""What holds after every round, whatever was broken in it.  Each function returns what it found to be otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.models import Run, ThreadItem
from tenants.models import Tenant, Usage
from tests.faults.clients import Client, Sent
from tests.faults.model import words_of

#: What a server may have more than after the first round: descriptors, and megabytes.
MORE_DESCRIPTORS, MORE_MEGABYTES = 30, 120


@dataclass(frozen=True)
class Stored:
    """The rows of a tenant, as they are after a round."""

    runs: dict[str, Run]
    #: Text of a user's message -> the rows that have it.
    questions: dict[str, list[ThreadItem]]
    #: Key of a run -> the assistant's messages in it.
    answers: dict[int, list[ThreadItem]]
    usage: Counter[str]

    @classmethod
    def of(cls, tenant: Tenant) -> Stored:
        questions: dict[str, list[ThreadItem]] = {}
        answers: dict[int, list[ThreadItem]] = {}
        for item in ThreadItem.objects.for_tenant(tenant).order_by("pk"):
            if item.type == "user_message":
                questions.setdefault(_text(item), []).append(item)
            elif item.type == "assistant_message" and item.run_id is not None:
                answers.setdefault(item.run_id, []).append(item)
        return cls(
            runs={run.public_id: run for run in Run.objects.for_tenant(tenant)},
            questions=questions,
            answers=answers,
            usage=Counter(Usage.objects.for_tenant(tenant).filter(purpose="answer").values_list("run", flat=True)),
        )


def _text(item: ThreadItem) -> str:
    return "".join(part["text"] for part in item.data["content"])


def all_sent(clients: list[Client]) -> Iterator[Sent]:
    for client in clients:
        yield from client.sent


def nothing_acknowledged_is_lost(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for message in sent:
        if message.is_acknowledged and message.text not in stored.questions:
            yield f"{message.name} was acknowledged and is not stored"
        if message.is_acknowledged and message.run_id not in stored.runs:
            yield f"{message.name} has no run"


def nothing_is_doubled(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for text, rows in stored.questions.items():
        if len(rows) > 1:
            yield f"{text!r} is stored {len(rows)} times"
    for key, answers in stored.answers.items():
        if len(answers) > 1:
            yield f"the run {key} has {len(answers)} answers"


def no_run_outlives_its_lease(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for run in stored.runs.values():
        if run.state == "running":
            yield f"{run.public_id} is running, {(timezone.now() - run.lease_expires_at).total_seconds():.1f} s past its lease"


def every_stream_ends(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for message in sent:
        if message.is_acknowledged and not message.is_ended:
            yield f"the stream of {message.name} ({message.run_id}) has no end: {message.refusal}"


def partial_answers_are_marked(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for message in sent:
        run = stored.runs.get(message.run_id or "")
        if run is None:
            continue
        whole = "".join(words_of(message.text))
        answers = stored.answers.get(run.pk, [])
        for answer in answers:
            text, mark = _text(answer), answer.data.get("interrupted", "")
            if not whole.startswith(text):
                yield f"the answer to {message.name} is not what the model said"
            if text != whole and not mark:
                yield f"the answer to {message.name} ends early, and no mark says so ({run.state} {run.error_code})"
            if run.state == "completed" and (mark or text != whole):
                yield f"the answer to {message.name} is completed, and it is not whole ({mark or 'no mark'})"
        if run.state == "completed" and not answers:
            yield f"the answer to {message.name} is completed, and it is not there"


def the_screen_tells_the_truth(stored: Stored, sent: list[Sent]) -> Iterator[str]:
    for message in sent:
        run = stored.runs.get(message.run_id or "")
        if run is None or not message.is_ended:
            continue
        whole = "".join(words_of(message.text))
        for text in message.shown.history:
            if not whole.startswith(text):
                yield f"{message.name} showed {text[-60:]!r}, which the model did not say"
                break
        kept = {item.public_id: _text(item) for item in stored.answers.get(run.pk, [])}
        for item_id, text in message.shown.texts.items():
            is_kept = kept.get(item_id, "").startswith(text)
            # A process that is killed takes what it said since its last checkpoint along: docs/concepts/runs.md.
            if not is_kept and not (run.state == "lost" and text.startswith(kept.get(item_id, ""))):
                yield f"{message.name} shows {len(text)} characters at its end, {len(kept.get(item_id, ''))} are stored"


def usage_and_runs_agree(stored: Stored, sent: list[Sent], *, asked: set[str]) -> Iterator[str]:
    for message in sent:
        run = stored.runs.get(message.run_id or "")
        if run is None:
            continue
        rows = stored.usage[run.public_id]
        if rows > 1 or (rows == 0 and message.name in asked):
            yield f"{run.public_id} ({message.name}, {run.state} {run.error_code}) has {rows} rows of usage"
    for run_id, rows in stored.usage.items():
        if rows > 1:
            yield f"{run_id} has {rows} rows of usage"


def background_work_is_done(tenant: Tenant) -> Iterator[str]:
    for task in DBTaskResult.objects.exclude(status="SUCCESSFUL"):
        yield f"the task {task.task_path} is {task.status} after {len(task.worker_ids)} attempts"


def the_worker_says_what_is_wrong_in_lines(log: str) -> Iterator[str]:
    """Servers are in development here, where they log an exception with its place."""
    if "Traceback" in log:
        yield log[log.index("Traceback") :][:2000]


def check(stored: Stored, sent: list[Sent], asked: set[str]) -> list[str]:
    """Everything that does not hold."""
    rules: list[Any] = [
        nothing_acknowledged_is_lost,
        nothing_is_doubled,
        no_run_outlives_its_lease,
        every_stream_ends,
        partial_answers_are_marked,
        the_screen_tells_the_truth,
    ]
    found = [f"{rule.__name__}: {what}" for rule in rules for what in rule(stored, sent)]
    return found + [f"usage_and_runs_agree: {what}" for what in usage_and_runs_agree(stored, sent, asked=asked)]
