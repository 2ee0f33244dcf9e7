"""A widget over a drawing function, whatever that draws. It repaints only the rows that have changed."""

from collections.abc import Sequence
from textwrap import wrap

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.fault_report import report
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import fit, line, segment, style

from .contained import Contained
from .framed import Framed

PAGE = 10
"""Lines that a page is, where the pane does not know how many it shows."""


LINES = 4
"""Lines above and below the panes at the most."""
MOST_KEPT = 2**11
"""Segments that a pane keeps in its own style."""


class Based(dict[int, tuple[Segment, Segment]]):
    """Segments with what their styles leave open taken from a pane's own, `base`, by the identity of what they were.

    Each is kept with its original, so that no other segment can have its identity. Drawings use the same segments again
    and again, and a look-up by identity is faster than one by text and style.
    """

    def __init__(self, base: Style) -> None:
        super().__init__()
        self.base = base

    def line(self, strip: Strip) -> Strip:
        """A strip in the pane's own style."""
        if len(self) > MOST_KEPT:
            self.clear()
        parts = []
        for part in strip:
            found = self.get(id(part))
            if found is None:
                of = self.base if part.style is None else self.base + part.style
                found = self[id(part)] = (part, Segment(part.text, of, part.control))
            parts.append(found[1])
        return Strip(parts, strip.cell_length)


def filled(strip: Strip, width: int) -> Strip:
    """A strip of that many cells, with blanks behind what it has, or without its end."""
    missing = width - strip.cell_length
    return Strip([*strip, segment(" " * missing)], width) if missing > 0 else strip.adjust_cell_length(width)


class Drawn(Contained, Widget, can_focus=True):
    """Shows what `draw(width, height)` gives, under a title; where that fails, one line about it.

    Subclasses draw, and answer ↑ ↓ and enter where they have something to choose.
    """

    interval = 0.1
    """Seconds between two drawings while training at full speed: cheap panes more often."""
    rests = 0.0
    """Seconds that it rests between two of them besides, for what the last took."""
    views_told = True
    """Whether the frame tells of the key that leads to other views."""
    drawn: tuple[object, ...] = ()
    """What the picture that a pane keeps was drawn from."""

    def __init__(self, title: str) -> None:
        super().__init__(id=title.lower().replace(" ", "-"), classes="pane")
        self.border_title = self.heading = title
        self.hidden: tuple[str, ...] = ()
        self.subtitle: str | None = None
        """What stands in the frame below."""
        self.lines: list[Strip] = []
        self._styles_cache = Framed()
        self.drawn_in: Size | None = None
        """The room of what was drawn last; None where it has not been drawn since it was hidden."""
        self.base: Style | None = None
        self.based: Based | None = None

    @property
    def look(self) -> Look:
        """How to draw now."""
        raise NotImplementedError

    @property
    def whole(self) -> bool:
        """Whether it has the whole screen, but for the lines above and below."""
        if not self.is_attached:
            return False
        (width, height), screen = self.outer_size, self.screen.size
        return width >= screen.width and height >= screen.height - LINES

    def run(self) -> Session | None:
        """The run that a report of a fault tells of; None where there is none."""
        return None

    def draw(self, width: int, height: int) -> list[Strip]:
        """The lines to show, at most `height` of at most `width` cells."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw again, and repaint the rows that differ."""
        width, height = self.content_size
        if not self.display or width <= 0 or height <= 0:
            self.drawn_in = None
            return
        base = self.rich_style
        lines = self.drawn_lines(width, height)
        self.drawn_in = self.content_size
        changed = (
            range(height)
            if len(self.lines) != height or base != self.base
            else [y for y in range(height) if lines[y] != self.lines[y]]
        )
        self.lines, self.base = lines, base
        if len(changed) == height:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def drawn_lines(self, width: int, height: int) -> list[Strip]:
        """As many lines as there is room for, each as wide."""
        try:
            drawn = self.draw(width, height)[:height]
        except Exception as error:
            problem = report(error, f"drawing {self.heading}", self.run())
            drawn = self.not_drawn(problem, width)[:height]
            # What it keeps may be half made: nobody is to be shown that.
            self.drawn = ()
        drawn += [Strip.blank(width)] * (height - len(drawn))
        return [filled(strip, width) for strip in drawn]

    def not_drawn(self, problem: str, width: int) -> list[Strip]:
        """What has gone wrong, the whole of it, however narrow the pane is: its end is the report's name."""
        try:
            text = wrap(self.look.text(f"not drawn: {problem}"), width)
            return [line([(row, style(self.look.palette.warning))], width) for row in text]
        except Exception:
            # What draws text is what has failed.
            return [Strip([Segment(row)]) for row in wrap(f"not drawn: {problem}", width)]

    def render_lines(self, crop: Region) -> list[Strip]:
        width, height = self.content_size
        if not self.lines and width > 0 and height > 0:
            # The first time that it is painted, before anybody had it drawn: a blank picture would come first.
            self.base, self.lines = self.rich_style, self.drawn_lines(width, height)
            self.drawn_in = self.content_size
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if y >= len(self.lines) or self.base is None:
            return Strip.blank(width, self.rich_style)
        if self.based is None or self.based.base != self.base:
            self.based = Based(self.base)
        return self.based.line(self.lines[y].adjust_cell_length(width))

    def on_resize(self, event: events.Resize) -> None:
        self.entitle()
        if self.content_size != self.drawn_in:
            self.update()

    def tell_hidden(self, titles: tuple[str, ...]) -> None:
        """In the frame it is told which panes there are that have no room now."""
        if titles != self.hidden:
            self.hidden = titles
            self.entitle()

    def entitle(self) -> None:
        """`Loss (tab: Data)`, in the frame above: the heading, and what there is no room for, by name or by number."""
        # Cut here, to the frame less its corners and a space at each, since Textual's own ellipsis is no ASCII.
        room = max(self.outer_size.width - 6, 0)
        tab = self.look.keys.said("tab")
        texts = [
            f"{self.heading} ({tab}: {', '.join(self.hidden)})",
            f"{self.heading} ({tab}: {len(self.hidden)} more)",
        ]
        fitting = (text for text in texts if self.hidden and len(text) <= room)
        self.border_title = next(fitting, fit(self.heading, room, self.look))

    def name_view(self, key: str, shown: str, views: Sequence[str]) -> None:
        """`w: heatmaps 2/6`, in the frame below: the key of the views, which is on, and how many there are."""
        place = f" {views.index(shown) + 1}/{len(views)}" if shown in views else ""
        self.tell_below(f"{self.look.keys.said(key)}: {shown}{place}" if self.views_told else "")

    def tell_below(self, text: str) -> None:
        """Put something into the frame below; the same again would have Textual paint the whole pane."""
        text = fit(text, max(self.outer_size.width - 6, 0), self.look)
        if text != self.subtitle:
            self.subtitle = self.border_subtitle = text

    def come(self) -> None:
        """It has come into sight, by a key of its own."""

    def move(self, rows: int) -> None:
        """↑ or ↓ inside the pane."""

    def has_pages(self) -> bool:
        """Whether page up and page down turn pages here; where it has none they move through time."""
        return False

    def turn(self, pages: int) -> None:
        """Page down or page up inside the pane."""
        self.move(pages * PAGE)

    def notch(self, direction: int) -> None:
        """+ or − inside the pane, where that is its own."""

    def leave(self) -> bool:
        """One level out inside the pane; whether there was one."""
        return False

    def activate(self) -> None:
        """Enter inside the pane."""
