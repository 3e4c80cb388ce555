"""`make bench`: the platform beside a plain FastAPI server and a floor.  See docs/reference/benchmarks.md."""
