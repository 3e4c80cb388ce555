"""Garbage collection of a server process."""

import gc


def freeze_start_up() -> None:
    """Take everything that start-up made out of the collector's sight.

    A full collection over all imported modules stops every stream for about 100 ms; what start-up made lives on anyway.
    """
    gc.collect()
    gc.freeze()
