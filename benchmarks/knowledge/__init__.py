"""What knowledge costs and how well it is found: `python -m benchmarks.knowledge`."""
