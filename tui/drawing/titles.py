"""Titles that leave out their last words where there is no room, with a sign of it."""

from collections.abc import Sequence

from rich.cells import cell_len

from .glyphs import Look
from .strips import fit


def title_of(words: Sequence[str], room: int, look: Look) -> str:
    """As many of the words as fit into `room` cells, with an ellipsis for those that do not; or the first one alone."""
    whole = look.text(" ".join(words))
    if cell_len(whole) <= room:
        return whole
    for count in range(len(words) - 1, 1, -1):
        text = look.text(" ".join(words[:count])) + f" {look.glyphs.ellipsis}"
        if cell_len(text) <= room:
            return text
    return fit(words[0], room, look) if words else ""
