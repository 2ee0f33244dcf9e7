"""Which panes are on the screen where some are hidden: those that stay, in one row or two."""

from backprop_tui.core.value_class import dataclass

from .arrangement import BESIDE, COMPACT, PANES, ROOMY, Arrangement

COLUMNS = 12
"""Columns of the grid that a row of one, two or three panes is laid in."""
CHAIN_RULE = "chain-rule"
ABOVE = ("weights", CHAIN_RULE)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of panes, and the pane on the right of them all, "" for none."""

    rows: tuple[tuple[str, ...], ...]
    side: str = ""

    @property
    def columns(self) -> int:
        return COLUMNS * 3 // 2 if self.side else COLUMNS

    def order(self) -> tuple[str, ...]:
        """The panes as a grid takes them: the side stands behind the first row."""
        first, *rest = self.rows
        return (*first, *((self.side,) if self.side else ()), *(name for row in rest for name in row))

    def spans(self) -> dict[str, tuple[int, int]]:
        """The columns and the rows that each pane has."""
        found = {name: (span, 1) for row in self.rows for name, span in zip(row, widths(row), strict=True)}
        return found | ({self.side: (COLUMNS // 2, len(self.rows))} if self.side else {})


def widths(row: tuple[str, ...]) -> tuple[int, ...]:
    """The columns of each pane of a row; the chain rule has twice as many as the weights beside it."""
    return (4, 8) if row == ABOVE else (COLUMNS // len(row),) * len(row)


def with_hidden(
    usual: Arrangement, width: int, height: int, current: str, about: str, hidden: tuple[str, ...]
) -> tuple[Arrangement, Rows | None]:
    """The usual arrangement without the panes that are hidden, and its rows; None where it has none of its own."""
    if usual.name == "single":
        return usual, None
    shown = tuple(name for name in PANES if name not in hidden)
    side = next((name for name in usual.panes if name not in PANES), "")
    rest = width * (1 - BESIDE) if side else width
    if rest >= COMPACT[0] or not side:
        rows = Rows(rows_of(shown, roomy=height >= ROOMY[1] and rest >= ROOMY[0]), side)
        return Arrangement("fewer", rows.order()), rows
    looked_at = next((name for name in (current, about) if name in shown), shown[0])
    if width < ROOMY[0]:
        return Arrangement(usual.name, (looked_at, side), looked_at), None
    first = CHAIN_RULE if CHAIN_RULE in shown else shown[0]
    lower = looked_at if looked_at != first else next((name for name in shown if name != first), "")
    rows = Rows(((first,), (lower,)) if lower else ((first,),), side)
    return Arrangement("fewer", rows.order(), lower or first), rows


def rows_of(shown: tuple[str, ...], *, roomy: bool) -> tuple[tuple[str, ...], ...]:
    """One row or two: with room weights and chain rule above, else the chain rule alone."""
    above = tuple(name for name in shown if name in (ABOVE if roomy else (CHAIN_RULE,))) or shown[: len(shown) // 2]
    return tuple(row for row in (above, tuple(name for name in shown if name not in above)) if row)
