"""Titles that give way where there is no room, with a sign of it: their last words, or what all begin with."""

import re
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


def told_apart(names: Sequence[str], room: int, look: Look) -> list[str]:
    """The names in at most `room` cells each, cut so that they still differ: at an end, or word by word.

    Where no cut tells them apart they are numbers, from 1.
    """
    whole = [look.text(name) for name in names]
    common, sign = shared_beginning(whole), look.glyphs.ellipsis
    for cut in (
        [fit(name, room, look) for name in whole],
        [fit(f"{sign}{name[common:]}", room, look) for name in whole] if common > 1 else [],
        [by_words(name, room, sign) for name in whole],
        [name if cell_len(name) <= room else sign + tail(name, room - 1) for name in whole],
    ):
        if cut and len(set(cut)) == len(set(whole)) and all(text.strip(sign) for text in cut):
            return cut
    return [fit(str(number), room, look) for number in range(1, len(whole) + 1)]


def shared_beginning(texts: Sequence[str]) -> int:
    """How many characters all of several texts begin with."""
    least, greatest = min(texts, default=""), max(texts, default="")
    differing = (place for place, pair in enumerate(zip(least, greatest, strict=False)) if pair[0] != pair[1])
    return next(differing, min(len(least), len(greatest))) if len(texts) > 1 else 0


def by_words(name: str, room: int, sign: str) -> str:
    """`se le…` of `sepal length (cm)`: as many letters of each word as there is room for."""
    if cell_len(name) <= room:
        return name
    # What stands in brackets is a unit of measurement, mostly.
    words = [word for word in re.split(r"[^\w]+|_+", re.sub(r"\(.*\)", "", name)) if word]
    for letters in range(room, 0, -1):
        text = " ".join(word[:letters] for word in words) + sign
        if cell_len(text) <= room:
            return text
    return sign


def tail(text: str, room: int) -> str:
    """The end of a text, in at most `room` cells."""
    while cell_len(text) > max(room, 0):
        text = text[1:]
    return text
