"""A breath between two slices of work: the event loop answers the keys that have come meanwhile."""

import asyncio

TURNS = 12
"""Turns of the event loop between two slices at the most: a key passes about eleven on its way to the screen."""
FEWEST = 2
"""Turns that are taken in any case: one takes in what has come from outside and is due, the next what follows of it."""
MOMENT, MOMENTS = 0.001, 4
"""Seconds until it is seen again whether what a key changed is painted, and how often: it is a little later."""
unanswered = asyncio.Event()
"""Set by whoever takes in a key, and cleared when something is painted: the breath lasts until then."""


async def breathe() -> None:
    """Let the event loop do what has come up: all that a key leads to, or nothing, as most of the time."""
    await take_turns()
    for _ in range(MOMENTS):
        if not unanswered.is_set():
            return
        await asyncio.sleep(MOMENT)
        await take_turns()
    unanswered.clear()


async def take_turns() -> None:
    """As many turns of the event loop as something waits for."""
    waiting = getattr(asyncio.get_running_loop(), "_ready", None)
    for turn in range(1, TURNS + 1):
        await asyncio.sleep(0)
        # What asyncio keeps of callbacks is its own; of a loop that shows none, all turns are taken.
        if turn >= FEWEST and waiting is not None and not waiting:
            return
