"""Widgets are asked for the rows that an update reaches, and for no others."""

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.panes.own_screen import OwnScreen


@pytest.fixture
def unpainted() -> None:
    """Each frame is painted."""


class Asked(Widget):
    """Notes for which of its rows it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.rows: set[int] = set()

    def render_lines(self, crop: Region) -> list[Strip]:
        assert crop.column_span == (0, self.size.width)
        self.rows.update(crop.line_range)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width)


class Stacked(OwnScreen[None]):
    CSS = (
        "Asked { height: 4; } #over { layer: over; offset: 0 3; height: 2; width: 10; } Stacked { layers: under over; }"
    )

    def compose(self) -> ComposeResult:
        yield from map(Asked, ("first", "middle", "last", "over"))


class Little(App[None]):
    def on_mount(self) -> None:
        self.push_screen(Stacked())


async def test_only_what_an_update_reaches_is_asked() -> None:
    app = Little()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        asked = {widget.id: widget for widget in app.screen.query(Asked)}

        async def rows(*changed: tuple[str, int]) -> dict[str | None, list[int]]:
            for widget in asked.values():
                widget.rows.clear()
            for name, row in changed:
                asked[name].refresh(Region(0, row, 40, 1))
            await pilot.pause()
            return {name: sorted(widget.rows) for name, widget in asked.items() if widget.rows}

        assert await rows(("first", 0), ("last", 3)) == {"first": [0], "last": [3]}
        assert await rows(("first", 1), ("first", 2)) == {"first": [1, 2]}
        # So is what lies over it, and hides a part of it.
        assert await rows(("middle", 0), ("last", 1)) == {"middle": [0], "over": [1], "last": [1]}
        app.screen.refresh()
        await pilot.pause()
        assert all(sorted(widget.rows) == list(range(widget.size.height)) for widget in asked.values())
