"""The rows of a pane between the sides of its frame, which are the same in all of them.

Textual works the sides out for each row, of styles that it looks up one by one. This knows how it does so in 8.2.
"""

from collections.abc import Callable
from typing import Any

from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.geometry import Size
from textual.strip import Strip

Sides = tuple[int, list[Segment], list[Segment]]
"""How many rows are above the content, and what stands at the left and at the right of it."""


class Framed(StylesCache):
    """Keeps the sides of the first row as long as Textual keeps its rows: until a style changes, or the width."""

    sides: Sides | None = None

    def clear(self) -> None:
        super().clear()
        self.sides = None

    def render_line(
        self,
        styles: Any,
        y: int,
        size: Size,
        content_size: Size,
        padding: Any,
        base_background: Any,
        background: Any,
        render_content_line: Callable[[int], Strip],
        *others: Any,
    ) -> Strip:
        if self.sides is not None and 0 <= y - self.sides[0] < content_size.height:
            above, left, right = self.sides
            return Strip([*left, *render_content_line(y - above), *right], size.width)
        content: list[Strip] = []

        def rendered(row: int) -> Strip:
            content[:] = [render_content_line(row)]
            return content[0]

        strip = super().render_line(
            styles, y, size, content_size, padding, base_background, background, rendered, *others
        )
        if content and content[0].cell_length == content_size.width:
            self.sides = sides_of(list(strip), list(content[0]), styles.gutter.top)
        return strip


def sides_of(row: list[Segment], content: list[Segment], above: int) -> Sides | None:
    """What stands at both sides of the content in a row; None where it is not there as it was, but faded or tinted."""
    for begin in range(len(row) - len(content) + 1):
        end = begin + len(content)
        if content and all(one is other for one, other in zip(row[begin:end], content, strict=True)):
            return above, row[:begin], row[end:]
    return None
