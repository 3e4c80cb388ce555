"""`python -m benchmarks`: run the measures, print the ratios, write them to var/bench/."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime

from benchmarks.figures import Figure, table
from benchmarks.load import compile_generator
from benchmarks.measures import MEASURES, Plan
from benchmarks.processes import LOGS
from benchmarks.stage import FULL, QUICK, Stage


def main() -> int:
    """Returns 1 when a target is missed and ``--strict`` was given."""
    options = _options()
    unknown = [name for name in options.only if name not in MEASURES]
    if unknown:
        sys.exit(f"There is no measure {unknown[0]!r}; there are {', '.join(MEASURES)}.")
    compile_generator()
    stage = Stage()
    full = os.environ.get("BENCH") == "full"
    plan = Plan(stage, options.rounds, options.seconds, FULL if full else QUICK)
    figures: list[Figure] = []
    began = time.monotonic()
    with stage.set():
        for name in options.only or MEASURES:
            print(f"\n{name} …", flush=True)
            found = MEASURES[name](plan)
            print(table(found), flush=True)
            figures += found
    print(f"\nMedians of {options.rounds} interleaved rounds. Ratios within this run count; the values alone do not.")
    result = LOGS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    result.write_text(
        json.dumps(
            {
                "at": datetime.now(UTC).isoformat(),
                "took_seconds": round(time.monotonic() - began),
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "load_average": os.getloadavg(),
                "full": full,
                "figures": [figure.to_json() for figure in figures],
            },
            indent=1,
        )
    )
    print(f"Written to {result.relative_to(LOGS.parents[1])}.")
    return int(options.strict and any(figure.verdict == "missed" for figure in figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help=f"of {','.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measure")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one contender's round")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
