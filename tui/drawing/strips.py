"""What all drawings share: cached styles and segments, strips of them, and a grid of cells to write into.

A drawing is a list of `Strip`, one a line, never wider or higher than the room it was given.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor
from textual.filter import LineFilter
from textual.strip import Strip

from backprop_tui.core.preset.control_characters import CONTROL

from .glyphs import Look, printable
from .palette import ColorArray, LevelArray

Part = tuple[str, Style | None]


@lru_cache(maxsize=8192)
def style(color: str | None = None, background: str | None = None, bold: bool = False, reverse: bool = False) -> Style:
    """The one style of these colours (`#rrggbb`)."""
    return Style(color=color, bgcolor=background, bold=bold or None, reverse=reverse or None)


@lru_cache(maxsize=8192)
def segment(text: str, of: Style | None = None) -> Segment:
    """The one segment of this text and style; whatever the text is, the terminal only shows it."""
    return Segment(printable(text), of)


def text_of(strip: Strip) -> str:
    """The characters of a strip, without colours."""
    return strip.text


def fit(text: str, width: int, look: Look) -> str:
    """`text` in the look's characters, cut with an ellipsis where it is wider than `width` cells."""
    text = look.text(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + look.glyphs.ellipsis if width > 0 else ""


def padded(text: str, width: int, look: Look, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis, at the left or at the right of them."""
    text = fit(text, width, look)
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def heading(title: str, room: int, look: Look) -> str:
    """A title, or its first word where the whole has no room."""
    whole = look.text(title)
    return whole if cell_len(whole) <= room else fit(title.split(" ")[0], room, look)


def line(parts: Iterable[Part], width: int) -> Strip:
    """A strip of `parts`, cropped to `width` cells."""
    segments = [segment(text, of) for text, of in parts if text]
    # The length is given to the strip, which counts slower.
    strip = Strip(segments, sum([len(part.text) if part.text.isascii() else part.cell_length for part in segments]))
    return strip if strip.cell_length <= width else strip.crop(0, max(0, width))


def text_lines(text: str, width: int, height: int, look: Look, color: str | None = None) -> list[Strip]:
    """`text` broken between words to `width` cells, `height` lines at most, in `color` (default dim)."""
    if width <= 0:
        return []
    rows: list[str] = []
    for word in look.text(text).split():
        if rows and cell_len(rows[-1]) + 1 + cell_len(word) <= width:
            rows[-1] += " " + word
        else:
            rows.append(word)
    of = style(color or look.palette.dim)
    return [line([(fit(row, width, look), of)], width) for row in rows[: max(0, height)]]


def pause_first(reason: str, width: int, look: Look) -> list[Strip]:
    """What stands at full speed where there are numbers while it is paused, with the key and the reason."""
    return text_lines(f"Press {look.keys.said('space')} to pause: {reason}", width, 2, look)


class WithoutControl(LineFilter):
    """Takes control characters, which have no width, out of whatever a widget draws: also of a field that is typed in.

    Drawings show theirs, since `segment` does; this is for the widgets that are not ours.
    """

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
        return [
            Segment(CONTROL.sub(in_its_width, text), of, control) if CONTROL.search(text) else whole
            for whole in segments
            for text, of, control in (whole,)
        ]


def in_its_width(found: re.Match[str]) -> str:
    return "?" * cell_len(found[0])


class Grid:
    """A rectangle of cells, each one character in one style, that drawings write over one another."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.characters = [[" "] * self.width for _ in range(self.height)]
        self.styles: list[list[Style | None]] = [[None] * self.width for _ in range(self.height)]
        self.wide = False

    def write(self, x: int, y: int, text: str, of: Style | None = None) -> None:
        """Put `text` from column `x` of row `y`; what falls outside is left out, of wide characters `?` is left."""
        if not 0 <= y < self.height:
            return
        place = x
        for character in printable(text):
            cells = 1 if character.isascii() else cell_len(character)
            if cells == 2 and 0 <= place < self.width - 1:
                self.wide = True
                self.put(place, y, character, of)
                self.put(place + 1, y, "", of)
            elif 0 <= place < self.width:
                self.put(place, y, character if cells == 1 else "?", of)
            place += max(cells, 1)

    def cell(self, x: int, y: int, character: str, of: Style | None) -> None:
        """One cell, of a character that is known to be one cell wide, such as a dot; outside it is left out."""
        if not (0 <= y < self.height and 0 <= x < self.width):
            return
        if self.wide:
            self.put(x, y, character, of)
            return
        self.characters[y][x] = character
        self.styles[y][x] = of

    def put(self, x: int, y: int, character: str, of: Style | None) -> None:
        """One cell: a character, or nothing behind a wide one; a wide one that is half overwritten becomes blank."""
        row = self.characters[y]
        if self.wide:
            if character and row[x] == "":
                row[x - 1] = " "
            if x + 1 < self.width and row[x + 1] == "":
                row[x + 1] = " "
        row[x] = character
        self.styles[y][x] = of

    def lines(self) -> list[Strip]:
        """The rows as strips, neighbours of one style joined."""
        return [_joined(characters, styles) for characters, styles in zip(self.characters, self.styles, strict=True)]


def _joined(characters: Sequence[str], styles: Sequence[Style | None]) -> Strip:
    segments: list[Segment] = []
    start = 0
    for end in range(1, len(characters) + 1):
        if end == len(characters) or styles[end] is not styles[start]:
            segments.append(segment("".join(characters[start:end]), styles[start]))
            start = end
    return Strip(segments, len(characters))


class HalfBlocks(dict[int, Segment]):
    """Segments of one cell that show two colours, one above the other, made when first asked for.

    The key is `upper · count + lower`, where both are rows of the (count, 3) table of colours.
    """

    def __init__(self, colors: ColorArray, upper_half: str) -> None:
        super().__init__()
        self.colors = [Color.from_rgb(*color) for color in colors.tolist()]
        self.upper_half = upper_half

    def __missing__(self, key: int) -> Segment:
        upper, lower = divmod(key, len(self.colors))
        below = self.colors[lower]
        same = upper == lower
        made = Segment(
            " " if same else self.upper_half,
            Style(bgcolor=below) if same else Style(color=self.colors[upper], bgcolor=below),
        )
        self[key] = made
        return made

    def lines(self, levels: LevelArray) -> list[Strip]:
        """Strips of the (2·rows, columns) levels, two rows a line."""
        keys = levels[0::2] * len(self.colors) + levels[1::2]
        return [Strip([self[key] for key in row], len(row)) for row in keys.tolist()]
