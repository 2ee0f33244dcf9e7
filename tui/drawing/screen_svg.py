"""Lines of a screen as a vector picture, cell by cell as a terminal has them.

Blocks, braille and frames are shapes, so that no seam is between them whichever font there is; of all other characters
each has its own place, so that columns stand below each other in any font.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .palette import Palette, mix
from .svg import document, number, rectangle, xml

WIDTH, HEIGHT = 8, 17
"""Of a cell, in units of the picture."""
SIZE = 13.3
"""The height of letters whose advance is a cell's width in most fonts of one width."""
BASE = 13
"""From a line's top to where its letters stand."""
MARGIN = 12
FONTS = "ui-monospace, DejaVu Sans Mono, Cascadia Mono, Menlo, Consolas, Liberation Mono, monospace"

LOWER, LEFT = "▁▂▃▄▅▆▇█", "▏▎▍▌▋▊▉█"
QUARTERS = {
    "▖": "3",
    "▗": "4",
    "▘": "1",
    "▙": "134",
    "▚": "14",
    "▛": "123",
    "▜": "124",
    "▝": "2",
    "▞": "23",
    "▟": "234",
}
"""Which quarters of a cell are filled: 1 2 above 3 4."""
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
FRAMES = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu",
    "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
}  # fmt: skip
"""From the middle of the cell to which sides a frame's line goes: left, right, up, down."""
ROUND = {"╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}
BRAILLE = 0x2800
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each bit of a braille character."""
Corners = tuple[float, float, float, float]


def blocks() -> dict[str, list[Corners]]:
    """Of each block the rectangles that it is made of, as shares of the cell: left, top, right, bottom."""
    found: dict[str, list[Corners]] = {"▀": [(0, 0, 1, 0.5)], "▐": [(0.5, 0, 1, 1)], "▔": [(0, 0, 1, 1 / 8)]}
    found["▕"] = [(7 / 8, 0, 1, 1)]
    for eighths, (low, left) in enumerate(zip(LOWER, LEFT, strict=True), 1):
        found[low] = [(0, 1 - eighths / 8, 1, 1)]
        found[left] = [(0, 0, eighths / 8, 1)]
    corners = {"1": (0.0, 0.0), "2": (0.5, 0.0), "3": (0.0, 0.5), "4": (0.5, 0.5)}
    for block, quarters in QUARTERS.items():
        found[block] = [(x, y, x + 0.5, y + 0.5) for x, y in map(corners.__getitem__, quarters)]
    return found


BLOCKS = blocks()


@dataclass(frozen=True, slots=True)
class Look:
    """How one segment's characters look."""

    color: str
    background: str
    letters: str
    """What its letters have besides their colour, as attributes of SVG."""


@dataclass(slots=True)
class Shapes:
    """What is drawn of each colour, as the paths of SVG, and the letters of each look."""

    fills: dict[str, list[str]] = field(default_factory=dict)
    frames: dict[str, list[str]] = field(default_factory=dict)
    dots: dict[str, list[str]] = field(default_factory=dict)
    words: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def fill(self, color: str, corners: Corners, x: float, y: float, cells: int = 1) -> None:
        left, top, right, bottom = corners
        width, height = (right - left) * WIDTH * cells, (bottom - top) * HEIGHT
        start = f"M{number(x + left * WIDTH)} {number(y + top * HEIGHT)}"
        self.fills.setdefault(color, []).append(f"{start}h{number(width)}v{number(height)}h{number(-width)}z")


def screen_svg(lines: Sequence[Strip], title: str, palette: Palette) -> str:
    """The lines of a screen as an SVG document; its description is their text. `palette` has what no style says."""
    found = [one for row, line in enumerate(lines) for one in segments(line, row, palette)]
    common = Counter({palette.background: 0})
    for _, _, text, look in found:
        common[look.background] += cell_len(text)
    behind = common.most_common(1)[0][0]
    backgrounds, shapes = Shapes(), Shapes()
    for x, y, text, look in found:
        if look.background != behind:
            backgrounds.fill(look.background, (0, 0, 1, 1), x, y, cell_len(text))
        put(shapes, x, y, text, look)
    width = 2 * MARGIN + WIDTH * max((line.cell_length for line in lines), default=0)
    height = 2 * MARGIN + HEIGHT * len(lines)
    body = [
        rectangle(0, 0, width, height, behind),
        f'<g transform="translate({MARGIN} {MARGIN})">',
        *paths(backgrounds.fills, 'shape-rendering="crispEdges" fill'),
        *paths(shapes.fills, 'shape-rendering="crispEdges" fill'),
        *paths(shapes.frames, 'fill="none" stroke'),
        *paths(shapes.dots, 'stroke-width="2.4" stroke-linecap="round" stroke'),
        *letters(shapes.words),
        "</g>",
    ]
    told = "\n".join(line.text.rstrip() for line in lines)
    return document(title, told, body, width, height, FONTS)


def segments(line: Strip, row: int, palette: Palette) -> Iterator[tuple[float, float, str, Look]]:
    """The segments of a line with their places."""
    column = 0
    for text, style, control in line:
        if control:
            continue
        yield float(column * WIDTH), float(row * HEIGHT), text, look_of(style or Style(), palette)
        column += cell_len(text)


def look_of(style: Style, palette: Palette) -> Look:
    """What a style comes to."""
    color = hexadecimal(style.color, palette.text)
    background = hexadecimal(style.bgcolor, palette.background)
    if style.reverse:
        color, background = background, color
    if style.dim:
        color = mix(color, background, 0.4)
    told = {
        "font-weight": "bold" if style.bold else "",
        "font-style": "italic" if style.italic else "",
        "text-decoration": "underline" if style.underline else "line-through" if style.strike else "",
    }
    return Look(color, background, "".join(f' {name}="{value}"' for name, value in told.items() if value))


def hexadecimal(color: Color | None, default: str) -> str:
    """`#rrggbb` of a colour; a terminal's own is `default`."""
    return default if color is None or color.is_default else color.get_truecolor().hex


def put(shapes: Shapes, x: float, y: float, text: str, look: Look) -> None:
    """Draw a segment: shapes at once, all else word by word."""
    word: list[tuple[str, float]] = []
    for character in text:
        width = cell_len(character)
        if not width and word:
            # A mark on the letter before it.
            word[-1] = word[-1][0] + character, word[-1][1]
            continue
        if character == " " or draw(shapes, x, y, character, look):
            write(shapes, word, y, look)
            word = []
        else:
            word.append((character, x))
        x += width * WIDTH
    write(shapes, word, y, look)


def draw(shapes: Shapes, x: float, y: float, character: str, look: Look) -> bool:
    """Draw a character that is a shape; whether it is one."""
    middle, center = x + WIDTH / 2, y + HEIGHT / 2
    sides = {"l": (x, center), "r": (x + WIDTH, center), "u": (middle, y), "d": (middle, y + HEIGHT)}
    if character in BLOCKS:
        for corners in BLOCKS[character]:
            shapes.fill(look.color, corners, x, y)
    elif character in SHADES:
        shapes.fill(mix(look.background, look.color, SHADES[character]), (0, 0, 1, 1), x, y)
    elif character in FRAMES:
        lines = [f"M{number(middle)} {number(center)}L{place(sides[side])}" for side in FRAMES[character]]
        shapes.frames.setdefault(look.color, []).extend(lines)
    elif character in ROUND:
        begin, end = (place(sides[side]) for side in ROUND[character])
        shapes.frames.setdefault(look.color, []).append(f"M{begin}Q{place((middle, center))} {end}")
    elif BRAILLE <= ord(character) < BRAILLE + 256:
        bits = ord(character) - BRAILLE
        found = [
            f"M{place((x + WIDTH * (1 + 2 * column) / 4, y + HEIGHT * (1 + 2 * row) / 8))}h0.01"
            for bit, (column, row) in enumerate(DOTS)
            if bits >> bit & 1
        ]
        shapes.dots.setdefault(look.color, []).extend(found)
    else:
        return False
    return True


def place(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def write(shapes: Shapes, word: Sequence[tuple[str, float]], y: float, look: Look) -> None:
    """A word whose letters have a place each; those that are made of more than one character stand by themselves."""
    if not word:
        return
    texts = shapes.words.setdefault((look.color, look.letters), [])
    simple = all(len(letter) == 1 and letter <= "\uffff" for letter, _ in word)
    for letters_of in [word] if simple else [[one] for one in word]:
        xs = " ".join(number(x) for _, x in letters_of)
        content = xml("".join(letter for letter, _ in letters_of))
        texts.append(f'<text x="{xs}" y="{number(y + BASE)}">{content}</text>')


def paths(of: dict[str, list[str]], attribute: str) -> list[str]:
    """One path for each colour."""
    return [f'<path {attribute}="{color}" d="{"".join(parts)}"/>' for color, parts in of.items() if parts]


def letters(words: dict[tuple[str, str], list[str]]) -> list[str]:
    """The words, those of one look together."""
    found = [f'<g font-size="{SIZE}">']
    for (color, attributes), texts in words.items():
        found += [f'<g fill="{color}"{attributes}>', *texts, "</g>"]
    return [*found, "</g>"]
