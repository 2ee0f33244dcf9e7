"""Which panes are on the screen, and in what order, at a given size."""

from dataclasses import dataclass

PANES = ("weights", "chain-rule", "loss", "gradients", "data")
ROOMY = (100, 28)
COMPACT = (72, 20)
LESSON = "lesson"
"""The pane that is there when it was opened."""
BESIDE = 1 / 3
"""The share of the width that the lesson has where it stands beside the others."""
LINES_FROM = 10
"""The height from which there is room for lines above and below the panes."""
POSITION_FROM = 30
"""The height from which there is room for the position in the step, in a line of its own."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`name` is the style of the grid; `panes` are those shown, in its order; `shared` is the one in whose place those
    without room are shown in their turn, "" where all have room."""

    name: str
    panes: tuple[str, ...]
    shared: str = ""


def title(pane: str) -> str:
    """`Chain rule` of `chain-rule`."""
    return pane.replace("-", " ").capitalize()


def arrangement(
    width: int, height: int, current: str, maximised: bool, lesson: bool = False, about: str = ""
) -> Arrangement:
    """All five panes where there is room; four with the chain rule above; or the current one alone.

    An open lesson stands on the right of those that the rest has room for, with the one that it is `about` among them;
    or below that one while it is current itself, else below the current one.
    """
    if maximised or width < COMPACT[0] or height < COMPACT[1]:
        return Arrangement("single", (current,), current)
    looked_at = about if lesson and about and current in (LESSON, "chain-rule", "weights") else current
    # The data take the place of the loss while they are what one looks at.
    middle = "data" if looked_at == "data" else "loss"
    roomy = height >= ROOMY[1]
    if not lesson:
        if roomy and width >= ROOMY[0]:
            return Arrangement("roomy", PANES)
        return Arrangement("compact", ("chain-rule", "weights", middle, "gradients"), middle)
    rest = width * (1 - BESIDE)
    if roomy and rest >= ROOMY[0]:
        return Arrangement("roomy beside", ("weights", "chain-rule", LESSON, "loss", "gradients", "data"))
    if rest >= COMPACT[0]:
        return Arrangement("compact beside", ("chain-rule", LESSON, "weights", middle, "gradients"), middle)
    if width >= ROOMY[0]:
        lower = "loss" if looked_at in ("chain-rule", "weights", LESSON) else looked_at
        return Arrangement("narrow beside", ("chain-rule", LESSON, "weights", lower), lower)
    upper = current if current != LESSON else about or "chain-rule"
    return Arrangement("below", (upper, LESSON), upper)
