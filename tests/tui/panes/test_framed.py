"""Rows between kept sides are those that Textual makes, whatever the styles are."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.strip import Strip

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import line, style
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.framed import Framed


class Rows(Drawn):
    look = Look()

    def draw(self, width: int, height: int) -> list[Strip]:
        return [line([(f"row {row} ", None), ("in color", style("#ff0000"))], width) for row in range(height - 1)]


class Little(App[None]):
    CSS = "Rows { height: 8; width: 40; border: round white; padding: 0 1; background: #102030; }"

    def compose(self) -> ComposeResult:
        yield Rows("Pane")


def restyled(**styles: object) -> Callable[[Rows], None]:
    def change(pane: Rows) -> None:
        for name, value in styles.items():
            setattr(pane.styles, name, value)

    return change


@pytest.mark.parametrize(
    "change",
    [
        restyled(),
        restyled(border=("heavy", "red")),
        restyled(border=("none", "red")),
        restyled(border_left=("none", "red")),
        restyled(padding=(1, 3)),
        restyled(padding=0),
        restyled(background="green"),
        restyled(opacity=0.5),
        restyled(text_opacity=0.5),
        restyled(tint="blue 40%"),
        restyled(outline=("heavy", "blue")),
        restyled(height=4),
        restyled(width=12),
    ],
)
async def test_rows_are_those_of_textual(change: Callable[[Rows], None]) -> None:
    app = Little()
    async with app.run_test(size=(60, 12)) as pilot:
        pane = app.query_one(Rows)

        def rows() -> list[Strip]:
            return pane.render_lines(pane.size.region.at_offset((0, 0)))

        await pilot.pause()
        rows()
        change(pane)
        await pilot.pause()
        pane.update()
        own = rows()
        with patch.object(pane, "_styles_cache", StylesCache()):
            assert own == rows()
        # A second time the sides are those that are kept.
        pane._styles_cache.set_dirty(pane.size.region)
        assert own == rows()


async def test_sides_are_kept_until_a_style_changes() -> None:
    app = Little()
    async with app.run_test(size=(60, 12)) as pilot:
        pane = app.query_one(Rows)
        await pilot.pause()
        cache = pane._styles_cache
        assert isinstance(cache, Framed)
        pane.render_lines(pane.size.region.at_offset((0, 0)))
        assert cache.sides is not None
        above, left, right = cache.sides
        assert (above, "".join(part.text for part in left), "".join(part.text for part in right)) == (1, "│ ", " │")
        pane.styles.border = ("heavy", "red")
        assert cache.sides is None
