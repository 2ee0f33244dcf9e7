"""The shapes of an SVG picture, and the text in it: what every browser draws, with nothing fetched from elsewhere."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from .glyphs import printable

SMALL = 12
"""The usual height of letters."""
CHARACTER = 0.62
"""The width of a character as a share of its height, on the safe side: which font it is the browser says."""
FONTS = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif"
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to hold."""


def xml(text: str) -> str:
    """`text` on one line, with its control characters shown, as the content of an element or of an attribute."""
    return escape(FORBIDDEN.sub("?", printable(text)), {'"': "&quot;"})


def number(value: float) -> str:
    """A place in a picture to two decimals, as short as that is."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def cut(text: str, room: float, size: float = SMALL) -> str:
    """A text that has room in one line."""
    most = max(int(room / (size * CHARACTER)), 1)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def document(title: str, description: str, body: Sequence[str], width: float, height: float, fonts: str = FONTS) -> str:
    """A whole file; `description` tells what is in the picture, in lines, to who cannot see it."""
    room = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    head = f'<svg {spaces} {room} role="img" font-family="{xml(fonts)}">'
    told = "\n".join(xml(line) for line in description.split("\n"))
    names = [f"<title>{xml(title)}</title>", f"<desc>{told}</desc>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *names, *body, "</svg>", ""])


def rectangle(x: float, y: float, width: float, height: float, fill: str = "") -> str:
    filled = f' fill="{fill}"' if fill else ""
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"{filled}/>'


def stroke(
    x1: float, y1: float, x2: float, y2: float, color: str, dash: str = "", mark: str = "", width: float = 1
) -> str:
    """A straight line; `mark` is an attribute more."""
    ends = " ".join(f'{name}="{number(value)}"' for name, value in (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line {mark}{ends} stroke="{color}" stroke-width="{width}"{dashed}/>'


def text(
    content: str, x: float, y: float, color: str, *, size: float = SMALL, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    where = f'x="{number(x)}" y="{number(y)}"'
    return f'<text {where} font-size="{size}" fill="{color}" text-anchor="{anchor}"{weight}>{xml(content)}</text>'
