"""`make bench`: the platform beside a plain FastAPI server and a floor, in one interleaved run.  See docs/reference/benchmarks.md."""
