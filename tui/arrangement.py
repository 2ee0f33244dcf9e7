"""Which panes are on the screen, and in what order, at a given size."""

from dataclasses import dataclass

PANES = ("weights", "chain-rule", "loss", "gradients", "data")
ROOMY = (100, 28)
COMPACT = (72, 20)
LINES_FROM = 10
"""The height from which there is room for lines above and below the panes."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`name` is the style of the grid; `panes` are those shown, in its order."""

    name: str
    panes: tuple[str, ...]


def arrangement(width: int, height: int, current: str, maximised: bool) -> Arrangement:
    """All five panes where there is room; four with the chain rule above; or the current one alone."""
    if not maximised and width >= ROOMY[0] and height >= ROOMY[1]:
        return Arrangement("roomy", PANES)
    if not maximised and width >= COMPACT[0] and height >= COMPACT[1]:
        # The data take the place of the loss while they are what one looks at.
        middle = "data" if current == "data" else "loss"
        return Arrangement("compact", ("chain-rule", "weights", middle, "gradients"))
    return Arrangement("single", (current,))
