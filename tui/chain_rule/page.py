"""A page of the chain-rule pane: lines that stay, lines that scroll, and what can be chosen among them."""

from collections.abc import Callable
from dataclasses import field

from rich.segment import Segment
from textual.strip import Strip

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen: enter goes to `op`, of so many steps later, where `reference` is made; None: nowhere.

    Of what changes the page itself enter does `act`.
    """

    reference: Reference | None = None
    op: Op | None = None
    steps: int = 0
    act: Callable[[], None] | None = None


@dataclass(slots=True)
class Page:
    """`head` stays in view, `rows` scroll below it; each of `choices` stands on the row that `stops` says."""

    head: list[Strip] = field(default_factory=list)
    rows: list[Strip] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)

    def add(self, lines: list[Strip]) -> None:
        self.rows += lines

    def offer(self, choice: Choice, lines: list[Strip]) -> None:
        """Lines the first of which is chosen by."""
        self.choices.append(choice)
        self.stops.append(len(self.rows))
        self.rows += lines


def dimmed(page: Page, said: str, look: Look, width: int) -> Page:
    """The same page dim, below words that say why: its choices stay where they are among its rows."""
    dim = style(look.palette.dim)
    above = [*text_lines(said, width, 4, look, look.palette.text), Strip([])]
    rows = [Strip([Segment(segment.text, dim) for segment in row]) for row in page.rows]
    return Page(page.head, [*above, *rows], page.choices, [stop + len(above) for stop in page.stops])


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of a page from `first` on, in `height` lines; where not all fit, a line at an end says so."""

    rows: int
    height: int
    first: int

    @classmethod
    def of(cls, page: Page, height: int, first: int) -> "Window":
        room = max(0, height - len(page.head))
        return cls(len(page.rows), room, max(0, min(first, len(page.rows) - room)))

    @property
    def above(self) -> bool:
        """Whether rows above are out of sight; with two lines or fewer there is no room to say so."""
        return self.first > 0 and self.height > 2

    @property
    def below(self) -> bool:
        return self.first + self.height < self.rows

    @property
    def seen(self) -> range:
        """The rows that are in sight."""
        end = min(self.first + self.height, self.rows)
        return range(self.first + self.above, max(self.first + self.above, end - self.below))

    def showing(self, row: int) -> int:
        """The first row of a window in which `row` is in sight, as near to this one as can be."""
        if row in self.seen:
            return self.first
        if row < self.seen.start:
            return max(0, row - 1)
        # Below it stands the line that says that there is more.
        return max(0, min(row - self.height + 2, self.rows - self.height))

    def middle(self, row: int) -> int:
        """The first row of a window in the middle of which `row` stands."""
        return row - self.height // 2

    def turned(self, pages: int) -> int:
        """The first row of a window so many pages on, with the last line in sight still there."""
        return self.first + pages * max(self.height - 3, 1)


def window_lines(page: Page, window: Window, width: int, look: Look, *, whole: bool = False) -> list[Strip]:
    """The page in the window, with a line that says what is out of sight and how to see it.

    `whole`: it has the whole screen already.
    """
    if window.height <= 0:
        return page.head
    sign = style(look.palette.accent)
    shown = [page.rows[row] for row in window.seen]
    above = f"{look.glyphs.up} {window.seen.start} more above"
    if window.above:
        shown.insert(0, line([(fit(above, width, look), sign)], width))
    if window.below:
        left = window.rows - window.seen.stop
        further = f"{look.keys.said('ctrl+d')} for a page" if whole else f"{look.keys.said('z')} for the whole screen"
        text = fit(f"… more, {left} lines: ↑ ↓, or {further}", width, look)
        shown.append(line([(text, sign)], width))
    return [*page.head, *shown]
