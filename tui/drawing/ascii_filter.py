"""Whatever is drawn in plain ASCII, whoever drew it: Textual's own widgets, their frames and their scrollbars too."""

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from .symbols import ascii_symbols

FRAMES = {
    "-": "─━═╌╍┄┅┈┉╴╶╸╺",
    "|": "│┃║╎╏┆┇┊┋▏▎▍▌▐▕",
    "+": "┌┐└┘├┤┬┴┼╭╮╯╰┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬▖▗▘▝▛▜▙▟",
    "_": "▁▂▃▄",
    '"': "▔▀",
    "#": "█▇▆▅▉▊▋■▓▒░",
    "*": "●○◉◎◆◇★☆✓✔⣿",
    ">": "▶▸►⏵🔎🔍",
    "<": "◀◂◄⏴",
    "^": "▲△▴⏶",
    "v": "▼▽▾⏷",
    "x": "✗✘✕✖╳",
    "~": "…⋯",
}
"""What frames, scrollbars, marks and icons are made of, by the character that stands for them."""
READINGS = {character: reading for reading, characters in FRAMES.items() for character in characters}


class AsciiFilter(LineFilter):
    """The last filter of every line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            one if one.control or one.text.isascii() else Segment(plain_cells(one.text), one.style) for one in segments
        ]


@lru_cache(maxsize=4096)
def plain_cells(text: str) -> str:
    """`text` in ASCII, as many cells wide."""
    return set_cell_size("".join(map(plain_cell, text)), cell_len(text))


def plain_cell(character: str) -> str:
    """The one character that stands for another; a wide one is followed by a space."""
    if character.isascii():
        return character
    reading = READINGS.get(character) or ascii_symbols(character) or "?"
    return reading[:1].ljust(cell_len(character)) if cell_len(character) else ""
