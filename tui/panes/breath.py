"""A breath between two slices of work: the event loop answers the keys that have come meanwhile."""

import asyncio

TURNS = 12
"""Turns of the event loop between two slices: a key passes about eleven of them on its way to the screen."""


async def breathe() -> None:
    """Let the event loop do what has come up."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
