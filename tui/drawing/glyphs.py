"""The characters that drawings are made of, in Unicode and in plain ASCII, and the look that bundles them with colours.

Every glyph is one cell wide. Mathematical text is no glyph: it goes through `Look.text`.
"""

from dataclasses import dataclass
from functools import lru_cache

from backprop_tui.core.preset.control_characters import shown

from .keymap import USUAL, Keymap
from .palette import DARK, Palette
from .symbols import ascii_symbols


@dataclass(frozen=True, eq=False)
class Glyphs:
    """One character for each meaning, or a string of them from least to most; compared by identity, as palettes are."""

    ascii: bool
    full: str
    upper_half: str
    eighths: str  # bars of one to eight eighths of a cell, from the left
    levels: str  # sparkline levels, from low to high
    plus: str
    minus: str
    zero: str
    blank: str  # not computed yet
    nan: str
    positive_ramp: str  # magnitudes of positive numbers where there is no colour
    negative_ramp: str
    grey_ramp: str
    right: str
    left: str
    up: str
    down: str
    play: str
    pause: str
    cursor: str
    mark: str  # what is true, or chosen
    separator: str
    ellipsis: str
    times: str
    track_low: str
    track_high: str
    horizontal: str
    vertical: str
    bracket_left: str  # of a matrix: single row, top, middle, bottom
    bracket_right: str


UNICODE = Glyphs(
    ascii=False,
    full="█",
    upper_half="▀",
    eighths="▏▎▍▌▋▊▉█",
    levels="▁▂▃▄▅▆▇█",
    plus="+",
    minus="−",
    zero=" ",
    blank="·",
    nan="!",
    positive_ramp=".+*#",
    negative_ramp=",-=%",
    grey_ramp=" ░▒▓█",
    right="→",
    left="←",
    up="↑",
    down="↓",
    play="▶",
    pause="‖",
    cursor="▸",
    mark="✓",
    separator="·",
    ellipsis="…",
    times="×",
    track_low="▁",
    track_high="▔",
    horizontal="─",
    vertical="│",
    bracket_left="[⎡⎢⎣",
    bracket_right="]⎤⎥⎦",
)
ASCII = Glyphs(
    ascii=True,
    full="#",
    upper_half='"',
    eighths="..:--==#",
    levels="_.:-=+*#",
    plus="+",
    minus="-",
    zero=" ",
    blank=".",
    nan="!",
    positive_ramp=".+*#",
    negative_ramp=",-=%",
    grey_ramp=" .:-=+*#%@",
    right=">",
    left="<",
    up="^",
    down="v",
    play=">",
    pause="|",
    cursor="@",
    mark="*",
    separator="|",
    ellipsis="~",
    times="x",
    track_low="_",
    track_high="~",
    horizontal="-",
    vertical="|",
    bracket_left="[[[[",
    bracket_right="]]]]",
)


@dataclass(frozen=True)
class Look:
    """How to draw: a palette, a set of glyphs, and whether the terminal shows colours (not under NO_COLOR).

    `keys` says how keys are written that a person has moved.
    """

    palette: Palette = DARK
    glyphs: Glyphs = UNICODE
    color: bool = True
    keys: Keymap = USUAL

    @property
    def ramps(self) -> bool:
        """Whether magnitude and sign must be told by glyphs alone."""
        return self.glyphs.ascii or not self.color

    def text(self, text: str) -> str:
        """`text` in single-cell characters that this look can show."""
        return ascii_symbols(text) if self.glyphs.ascii else printable(text)


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """`text` on one line, with its control characters shown."""
    return "".join(character if character.isprintable() else " " for character in shown(text))
