"""A terminal of sixteen colours: each is one of them, the two sides are told apart, and points can be read."""

import numpy as np
import pytest
from rich.color import Color, ColorSystem
from rich.console import Console

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.ground import ground_of
from backprop_tui.tui.drawing.palette import DARK, DARK_16, LIGHT_16, Palette, diverging, rgb
from backprop_tui.tui.drawing.points import SurfaceScale, point_mark

BOTH = pytest.mark.parametrize("palette", [DARK_16, LIGHT_16], ids=["dark", "light"])
HALF = [(170 * red, 170 * green, 170 * blue) for red, green, blue in np.ndindex(2, 2, 2)]
BRIGHT = [(85 + 170 * red, 85 + 170 * green, 85 + 170 * blue) for red, green, blue in np.ndindex(2, 2, 2)]
SIXTEEN = {*HALF, *BRIGHT, (170, 85, 0)} - {(170, 170, 0)}
"""What Rich takes for the sixteen: eight of half strength, of which yellow is a brown, and eight bright ones."""


@BOTH
def test_every_color_is_one_of_the_sixteen(palette: Palette) -> None:
    named = [value for value in vars(palette).values() if isinstance(value, str) and value.startswith("#")]
    assert len(named) > 10
    for color in [*named, *palette.classes]:
        assert rgb(color) in SIXTEEN, color
    assert len(set(palette.classes)) == len(palette.classes) == len(DARK.classes)
    assert {tuple(color) for color in diverging(np.linspace(-1, 1, 99), 1.0, palette).tolist()} == {
        rgb(color) for color in (palette.negative, palette.neutral, palette.positive)
    }


@BOTH
def test_sides_differ_on_the_terminal_and_points_differ_from_what_is_behind_them(palette: Palette) -> None:
    look = Look(palette=palette)
    sides = [Color.parse(color).downgrade(ColorSystem.STANDARD) for color in (palette.negative, palette.positive)]
    assert sides[0].number != sides[1].number
    behind = {color for color in ground_of(look).colors if color is not None}
    for scale in (SurfaceScale(), SurfaceScale(0.0, 2.0, regression=True), SurfaceScale(classes=5)):
        for target in (0.0, 1.0, 4.0):
            for is_test in (False, True):
                assert point_mark(target, is_test, scale, look)[1] not in behind - {palette.text}
                assert point_mark(target, is_test, scale, look)[1] != palette.background


@pytest.mark.parametrize("system", ["standard", "256", "truecolor"])
async def test_the_app_takes_them_where_the_terminal_has_no_more(system: str) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(80, 24)):
        app.console = Console(color_system=system, force_terminal=True)  # type: ignore[arg-type]
        assert (app.look.palette is DARK_16) == (system == "standard")
