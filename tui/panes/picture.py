"""A picture of parameters: its lines, and which parameter stands where in them."""

from collections.abc import Callable

from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.value_class import dataclass

At = Callable[[int, int], Spotlight | None]
Node = tuple[int, int]
"""A layer from 1, or 0 for the inputs, and a unit of it from 0."""


def nowhere(x: int, y: int) -> Spotlight | None:
    """Where no parameter stands."""
    return None


def no_node(x: int, y: int) -> Node | None:
    """Where no node stands."""
    return None


def no_number(spotlight: Spotlight) -> tuple[int, int] | None:
    """Where a parameter has no place of its own."""
    return None


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines, and which parameter stands at a cell (x, y) of them, as a spotlight on it.

    Of a diagram `node_at` is the unit whose node it is, and `number_at` the cell where the number of a parameter
    stands, or would. The last `foot` lines stand under it, and are about what it shows.
    """

    lines: list[Strip]
    at: At
    node_at: Callable[[int, int], Node | None] = no_node
    number_at: Callable[[Spotlight], tuple[int, int] | None] = no_number
    foot: int = 0
