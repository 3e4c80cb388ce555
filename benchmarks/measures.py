"""The measures.  Each starts its servers, lets them take turns in rounds, and returns figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import load
from benchmarks.figures import Figure, Target
from benchmarks.processes import ALL_CORES, OTHER_CORE, Server, running
from benchmarks.stage import OURS_DATABASE, PEER_DATABASE, History, Stage

CONNECTIONS = 16
#: Streams in the measures of many slow ones, and the answer that each of them is: 20 words a second.
SLOW_WORDS, SLOW_PAUSE_MS = 200, 50
#: How many of them begin in a second.  Faster, and it is the beginning that is measured.
SLOW_ARRIVALS = 250
_WARM_UP_SECONDS = 1.0


@dataclass
class Plan:
    """How long and how large."""

    stage: Stage
    rounds: int
    seconds: float
    history: History


def turns(plan: Plan) -> list[Figure]:
    """Whole answers of 200 deltas without a pause, 16 at a time: creations and further messages in equal parts."""
    servers = [plan.stage.floor(), plan.stage.peer(), plan.stage.ours()]
    rate = Figure("turns a second, 16 at once", "1/s", Target(2.5, 4.5))
    cpu = Figure("server CPU of a turn", "ms")
    with running(*servers):
        _warm_up(plan, *servers)
        for _ in range(plan.rounds):
            for server in servers:
                _one_round(server, plan, rate, cpu)
    return [rate, cpu]


def agents(plan: Plan) -> list[Figure]:
    """The same through the Agents SDK."""
    servers = [plan.stage.peer("AgentsPeer"), plan.stage.ours("ScriptedAgentsServer")]
    rate = Figure("turns a second through the Agents SDK", "1/s", Target(1.5, 2.5))
    cpu = Figure("server CPU of a turn through the Agents SDK", "ms")
    with running(*servers):
        _warm_up(plan, *servers)
        for _ in range(plan.rounds):
            for server in servers:
                _one_round(server, plan, rate, cpu)
    return [rate, cpu]


def first(plan: Plan) -> list[Figure]:
    """One user alone: how long until the first word, and how long for the whole answer."""
    servers = [plan.stage.floor(), plan.stage.peer(), plan.stage.ours()]
    delta = Figure("first delta, median, one user", "ms", Target(0.6, 0.2, higher_is_better=False))
    answer = Figure("whole answer, median, one user", "ms")
    with running(*servers):
        _warm_up(plan, *servers)
        for _ in range(plan.rounds):
            for server in servers:
                result = _checked(server, load.turns(server, connections=1, seconds=plan.seconds / 2))
                delta.add(server.name, result["first_delta_p50"])
                answer.add(server.name, result["answer_p50"])
    return [delta, answer]


def slow(plan: Plan) -> list[Figure]:
    """500 slow streams at one process of the peer and of ours, then 1,000 at two of ours."""
    figures = []
    targets = {
        "added delay while all go on, p99": Target(5.0, 3.0, of_peer=False, higher_is_better=False),
        "connections to the database": Target(20, of_peer=False, higher_is_better=False),
        "memory of a stream": Target(70, of_peer=False, higher_is_better=False),
        "use of a core": Target(100, 50, of_peer=False, higher_is_better=False),
    }
    figures += _slow_streams(plan, 500, {"peer": [plan.stage.peer()], "ours": [plan.stage.ours()]}, targets)
    two = [plan.stage.ours(), plan.stage.ours(name="ours-2")]
    targets = {"added delay while all go on, p99": Target(10.0, of_peer=False, higher_is_better=False)}
    with plan.stage.spread(two):
        return figures + _slow_streams(plan, 1000, {"ours": two}, targets, ALL_CORES)


def lists(plan: Plan) -> list[Figure]:
    """Pages of a long history: at its head, and deep in it."""
    history = plan.history
    ours_reader, peer_reader = plan.stage.make_histories(history)
    ours, peer = plan.stage.ours(), plan.stage.peer()
    ours.headers, peer.headers = ours_reader, peer_reader
    latency = Target(0.3, 0.2, higher_is_better=False)
    figures: list[Figure] = []
    pages = _pages(history)
    with running(ours, peer):
        for name, body in pages.items():
            one = Figure(f"{name}, median, one user", "ms", latency)
            many = Figure(f"{name}, 16 at once", "1/s", Target(4.0, 8.0))
            cpu = Figure(f"{name}, server CPU", "ms")
            figures += [one, many, cpu]
            for _ in range(max(3, plan.rounds - 2)):
                for server in (peer, ours):
                    single = _checked(server, load.requests(server, body, connections=1, seconds=plan.seconds / 4))
                    one.add(server.name, single["answer_p50"])
                    before = server.cpu_seconds
                    joint = load.requests(server, body, connections=CONNECTIONS, seconds=plan.seconds / 2)
                    many.add(server.name, _checked(server, joint)["rate"])
                    cpu.add(server.name, (server.cpu_seconds - before) / joint["answers"] * 1000)
    return figures


def queries(plan: Plan) -> list[Figure]:
    """What reaches the database for one turn: creations and further messages in equal parts."""
    trips = Figure(
        "statements of a turn, BEGIN and COMMIT included", "", Target(8, 2, of_peer=False, higher_is_better=False)
    )
    transactions = Figure("transactions of a turn", "")
    for server, database in ((plan.stage.peer(), PEER_DATABASE), (plan.stage.ours(), OURS_DATABASE)):
        with plan.stage.statements(database) as log, running(server):
            _warm_up(plan, server)
            log.mark()
            result = _checked(server, load.turns(server, connections=1, seconds=1, text="5,0"))
            words = log.first_words()
        trips.add(server.name, len(words) / result["answers"])
        transactions.add(server.name, _transactions(words) / result["answers"])
    return [trips, transactions]


MEASURES: dict[str, Callable[[Plan], list[Figure]]] = {
    "turns": turns,
    "agents": agents,
    "first": first,
    "slow": slow,
    "lists": lists,
    "queries": queries,
}


def _one_round(server: Server, plan: Plan, rate: Figure, cpu: Figure) -> None:
    before = server.cpu_seconds
    result = _checked(server, load.turns(server, connections=CONNECTIONS, seconds=plan.seconds))
    rate.add(server.name, result["rate"])
    cpu.add(server.name, (server.cpu_seconds - before) / result["answers"] * 1000)


def _slow_streams(
    plan: Plan,
    streams: int,
    contenders: dict[str, list[Server]],
    targets: dict[str, Target],
    generator_cores: set[int] = OTHER_CORE,
) -> list[Figure]:
    def figure(name: str, unit: str) -> Figure:
        return Figure(f"{streams} slow streams: {name}", unit, targets.get(name))

    begun = figure("all begun after", "s")
    together, delay, worst = (
        figure("added delay while all go on, p99", "ms"),
        figure("added delay until the last has ended, p99", "ms"),
        figure("added delay until the last has ended, most", "ms"),
    )
    connections, memory = figure("connections to the database", ""), figure("memory of a stream", "KiB")
    cpu = figure("use of a core", "%")
    lost = figure("streams that broke", "")
    for name, servers in contenders.items():
        with running(*servers):
            _warm_up(plan, *servers)
            idle = sum(server.memory for server in servers)

            def look(servers: list[Server] = servers, name: str = name, idle: int = idle) -> None:
                before, began = sum(server.cpu_seconds for server in servers), time.monotonic()
                # Until just before the first of them ends, when the logs are longest.
                time.sleep(SLOW_WORDS * SLOW_PAUSE_MS / 1000 - streams / SLOW_ARRIVALS - 1)
                memory.add(name, (sum(server.memory for server in servers) - idle) / streams / 1024)
                used = sum(server.cpu_seconds for server in servers) - before
                cpu.add(name, used / (time.monotonic() - began) * 100)
                if name == "ours":
                    connections.add(name, plan.stage.connections())

            text = f"{SLOW_WORDS},{SLOW_PAUSE_MS}"
            results = load.slow(
                servers,
                connections=streams,
                text=text,
                arrivals=SLOW_ARRIVALS,
                cores=generator_cores,
                while_streaming=look,
            )
            begun.add(name, max(result["ready"] for result in results))
            together.add(name, max(result["together_p99"] for result in results))
            delay.add(name, max(result["delay_p99"] for result in results))
            worst.add(name, max(result["delay_max"] for result in results))
            lost.add(name, streams - sum(result["answers"] for result in results) + sum(r["errors"] for r in results))
    return [begun, together, delay, worst, connections, memory, cpu, lost]


def _pages(history: History) -> dict[str, dict[str, Any]]:
    def threads(after: str | None) -> dict[str, Any]:
        return {"type": "threads.list", "params": {"limit": 20, "order": "desc", "after": after}}

    def items(after: str | None) -> dict[str, Any]:
        params = {"thread_id": history.thread, "limit": 20, "order": "desc", "after": after}
        return {"type": "items.list", "params": params}

    return {
        "threads.list, newest": threads(None),
        f"threads.list, {history.depth:,} deep": threads(history.thread_at_depth),
        "items.list, newest": items(None),
        f"items.list, {history.items // 2:,} deep": items(history.item_at_depth),
        "threads.get_by_id": {"type": "threads.get_by_id", "params": {"thread_id": history.thread}},
    }


def _transactions(words: list[str]) -> int:
    """How many transactions statements with these first words are (one user: they follow each other)."""
    count, is_inside = 0, False
    for word in words:
        count += not is_inside
        is_inside = (is_inside or word == "BEGIN") and word not in {"COMMIT", "ROLLBACK"}
    return count


def _warm_up(plan: Plan, *servers: Server) -> None:
    """Some turns of each, and then what autovacuum gives any database within its first minute: statistics of its rows.

    Without them the planner takes a tenant's key for rare, and reads all rows of the one tenant there is again and again.
    """
    for server in servers:
        load.turns(server, connections=CONNECTIONS, seconds=_WARM_UP_SECONDS)
    plan.stage.settle()


def _checked(server: Server, result: dict[str, Any]) -> dict[str, Any]:
    if result["errors"] or not result["answers"]:
        raise SystemExit(f"{server.name} answered with errors; see above and var/bench/{server.name}.log")
    return result
