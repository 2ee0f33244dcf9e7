"""The last line of a screen: which keys do what, and which of them a click on it stands for."""

import re

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.keymap import CALLED, TOKEN
from backprop_tui.tui.drawing.strips import Part, line, style

Hint = tuple[str, str]
"""Keys as they are written, and what they do."""
ALWAYS = ("tab", "i", "q", "?")
"""Keys that stand there at every size, as far as there is room for anything."""
PRESSED = re.compile(r"[a-zA-Z0-9]|space|enter|tab|escape")
GAP = "  "


def shown_hints(hints: list[Hint], look: Look, width: int) -> list[Hint]:
    """Those that there is room for: the last, those of `ALWAYS`, then the others, the first first; in their order."""
    hints = [hint for hint in hints if look.keys.written(hint[0])]
    if not hints:
        return []
    wanted = [hints[-1], *(hint for hint in hints[:-1] if hint[0] in ALWAYS)]
    wanted += [hint for hint in hints if hint not in wanted]
    shown: list[Hint] = []
    used = -cell_len(GAP)
    for hint in wanted:
        used += cell_len(GAP) + cell_len(text_of(hint, look))
        if used > width and shown:
            break
        shown.append(hint)
    return [hint for hint in hints if hint in shown]


def text_of(hint: Hint, look: Look) -> str:
    return f"{written(hint[0], look)} {hint[1]}"


def written(keys: str, look: Look) -> str:
    """Keys as they are to be pressed."""
    return look.text(look.keys.written(keys))


def keys_line(hints: list[Hint], look: Look, width: int) -> Strip:
    """`space play  ← → op …`, as many as there is room for."""
    palette = look.palette
    parts: list[Part] = []
    for key, does in shown_hints(hints, look, width):
        if parts:
            parts.append((GAP, None))
        parts += [(written(key, look), style(palette.accent, bold=True)), (f" {does}", style(palette.dim))]
    return line(parts, width)


def key_at(hints: list[Hint], look: Look, width: int, x: int) -> str | None:
    """The key that column `x` of that line stands for, by Textual's name: of what a key does, the first of its keys."""
    for hint in shown_hints(hints, look, width):
        length = cell_len(text_of(hint, look))
        if x < length:
            return key_in(hint[0], look, x)
        x -= length + cell_len(GAP)
        if x < 0:
            return None
    return None


def key_in(keys: str, look: Look, x: int) -> str | None:
    """The key that column `x` of `↑↓ enter` stands for, the first where it is none; None for what is no single key."""
    first = None
    for token in TOKEN.findall(keys):
        name = CALLED.get(token, token if PRESSED.fullmatch(token) else None)
        first = first or name
        x -= cell_len(look.text(look.keys.token(token)))
        if x < 0 and name is not None:
            return name
    return first
