"""The codes that change how a terminal writes, from one style to another, as short as they can be."""

import re

from rich.color import ColorSystem
from rich.style import Style

COLOR = re.compile(
    r"(?<!\d)(?:(?P<back>48;(?:5;\d+|2;\d+;\d+;\d+)|4[0-79]|10[0-7])"
    r"|(?P<front>38;(?:5;\d+|2;\d+;\d+;\d+)|3[0-79]|9[0-7]))(?!\d)"
)
ENDS = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""What ends an attribute; the others end with everything."""
MOST_STYLES = 1 << 14
"""Styles that look differently after which numbering begins anew: some MB."""
MOST_KNOWN = 1 << 12
"""Styles that are known by their identity; each is a kilobyte, and is kept."""
MOST_CHANGES = 1 << 14
Look = tuple[frozenset[str], str, str]
"""Attributes, the colour in front and the one behind, as the codes of each."""
PLAIN: Look = (frozenset(), "", "")


def look(codes: str) -> Look:
    """What the codes of a style, `1;38;2;10;20;30`, are."""
    colors = {"front": "", "back": ""}

    def take(found: re.Match[str]) -> str:
        colors[str(found.lastgroup)] = found[0]
        return ""

    rest = ";".join(part for part in COLOR.sub(take, codes).split(";") if part) if codes else ""
    return frozenset(rest.split(";") if rest else ()), colors["front"], colors["back"]


class StyleCodes:
    """Numbers for styles that look alike, 0 for that of a terminal that was told none, and the codes between them."""

    def __init__(self, colors: ColorSystem | None) -> None:
        self.colors = colors
        self.looks: list[Look] = []
        self.numbers: dict[Look, int] = {}
        self.known: dict[int, tuple[Style, int]] = {}
        self.changes: dict[tuple[int, int], str] = {}
        self.number_of(PLAIN)

    @property
    def full(self) -> bool:
        """Whether there are so many by now that one should begin anew."""
        return len(self.looks) > MOST_STYLES

    def number(self, style: Style | None) -> int:
        """The number of a style; the same one is found by its identity, and kept so that no other can have that."""
        if style is None:
            return 0
        found = self.known.get(id(style))
        if found is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            shown = Style.clear_meta_and_links(style).render("x", color_system=self.colors)
            codes = shown[2 : shown.index("m")] if shown.startswith("\x1b[") else ""
            found = self.known[id(style)] = style, self.number_of(look(codes))
        return found[1]

    def number_of(self, one: Look) -> int:
        """The number of a look."""
        found = self.numbers.get(one)
        if found is None:
            found = self.numbers[one] = len(self.looks)
            self.looks.append(one)
        return found

    def change(self, old: int, new: int) -> str:
        """The code that leads from one style to another, the shortest; empty from one to itself."""
        if old == new:
            return ""
        found = self.changes.get((old, new))
        if found is None:
            if len(self.changes) > MOST_CHANGES:
                self.changes.clear()
            found = self.changes[old, new] = shortest(self.looks[old], self.looks[new])
        return found


def shortest(old: Look, new: Look) -> str:
    """The shorter of: all of the new style after a reset, or only what differs."""
    rest = [*sorted(new[0]), *filter(None, new[1:])]
    anew = ["0", *rest] if rest else []
    ended = old[0] - new[0]
    if not all(attribute in ENDS for attribute in ended):
        return f"\x1b[{';'.join(anew)}m"
    ends = {ENDS[attribute] for attribute in ended}
    begun = {attribute for attribute in new[0] if attribute not in old[0] or ENDS.get(attribute) in ends}
    parts = [*sorted(ends), *sorted(begun)]
    for was, is_now, usual in ((old[1], new[1], "39"), (old[2], new[2], "49")):
        if was != is_now:
            parts.append(is_now or usual)
    return min(f"\x1b[{';'.join(parts)}m", f"\x1b[{';'.join(anew)}m", key=len)
