"""A picture of parameters: its lines, and which parameter stands where in them."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight

At = Callable[[int, int], Spotlight | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines, and which parameter stands at a cell (x, y) of them, as a spotlight on it."""

    lines: list[Strip]
    at: At


def nowhere(x: int, y: int) -> Spotlight | None:
    """Where no parameter stands."""
    return None
