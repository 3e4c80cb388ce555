"""`python -m benchmarks.knowledge`: how well documents are found, how fast they are read and searched, beside bm25s."""

from __future__ import annotations

import argparse

from benchmarks.knowledge.stage import database


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.knowledge", description=__doc__)
    parser.add_argument("--passages", type=int, default=4_000, help="passages of the question set")
    parser.add_argument("--chunks", type=int, default=10_000, help="chunks of the large tenant: 1000000 takes a while")
    parser.add_argument("--only", choices=["quality", "scale"], help="one part of it")
    options = parser.parse_args()
    with database():
        from benchmarks.knowledge import corpus, quality, scale

        if options.only != "scale":
            quality.show(options.passages)
        if options.only != "quality":
            sizes = {"large": options.chunks, "middle": options.chunks // 50, "small": 10}
            rows = scale.measure(scale.fill(corpus.windows(min(options.chunks, 500_000)), sizes))
            heads = ["tenant", "chunks", "way", "recall@10", "ms (median)", "ms (p95)"]
            print(quality.table(heads, rows))


if __name__ == "__main__":
    main()
