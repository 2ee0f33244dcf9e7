"""Which panes are on the screen, and in what order, at a given size."""

from backprop_tui.core.value_class import dataclass

PANES = ("weights", "chain-rule", "loss", "gradients", "data")
ROOMY = (100, 28)
COMPACT = (72, 20)
LESSON, SETTINGS = "lesson", "settings"
SIDES = (LESSON, SETTINGS)
"""Panes that are there when they were opened, one at a time."""
BESIDE = 1 / 3
"""The share of the width that such a one has where it stands beside the others."""
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


def arrangement(width: int, height: int, current: str, maximised: bool, side: str = "", about: str = "") -> Arrangement:
    """All five panes where there is room; four with the chain rule above; or the current one alone.

    An open `side`, lesson or settings, stands on the right of those that the rest has room for, with the one that it is
    `about` among them; else with that one alone while it is current itself, and with the current one while it is not.
    """
    if maximised or width < COMPACT[0] or height < COMPACT[1]:
        return Arrangement("single", (current,), current)
    turned = (side, "chain-rule", "weights") if side == LESSON else (side,)
    looked_at = about if side and about and current in turned else current
    # The data take the place of the loss while they are what one looks at.
    middle = "data" if looked_at == "data" else "loss"
    roomy = height >= ROOMY[1]
    if not side:
        if roomy and width >= ROOMY[0]:
            return Arrangement("roomy", PANES)
        return Arrangement("compact", ("chain-rule", "weights", middle, "gradients"), middle)
    rest = width * (1 - BESIDE)
    if roomy and rest >= ROOMY[0]:
        return Arrangement("roomy beside", ("weights", "chain-rule", side, "loss", "gradients", "data"))
    if rest >= COMPACT[0]:
        if side == LESSON:
            return Arrangement("compact beside", ("chain-rule", side, "weights", middle, "gradients"), middle)
        # What a setting does shows in the loss and in the answers.
        last = "gradients" if looked_at == "gradients" else "data"
        return Arrangement("compact beside", ("chain-rule", side, "weights", "loss", last), last)
    if width >= ROOMY[0]:
        lower = "loss" if looked_at in ("chain-rule", "weights", side) else looked_at
        return Arrangement("narrow beside", ("chain-rule", side, "weights", lower), lower)
    beside = current if current != side else about or "chain-rule"
    return Arrangement("aside" if side == SETTINGS else "below", (beside, side), beside)
