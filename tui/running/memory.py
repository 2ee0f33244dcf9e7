"""The memory of the whole process: what stays in it, and what goes with a screen that is closed."""

import ctypes
import gc
from contextlib import suppress

YOUNGEST = 10_000
"""Objects made between two collections: drawn rows are cycles that die young, and should not live to be old."""


def settle() -> None:
    """What is there by now stays: the collector need not look at it again."""
    gc.freeze()
    gc.set_threshold(YOUNGEST)
    gc.enable()


def let_go() -> None:
    """Let a run that was closed go, and give its memory back; one that was there when it settled goes as well.

    It takes a tenth of a second, at a moment when something else has just been opened.
    """
    settled = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    if settled:
        gc.freeze()
    # Data sets leave gaps that the C library keeps, as large as they were, unless it is asked. Only glibc can be.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def forget_painted() -> None:
    """Have Textual drop the rows of widgets that have gone.

    It has a cache of colours whose keys are what a thousand widgets last painted. That is nothing it makes promises
    about; where it is otherwise, there is nothing to do.
    """
    with suppress(ImportError, AttributeError):
        from textual._styles_cache import StylesCache

        StylesCache.get_inner_outer.cache_clear()
