"""Pictures of the data sets: which half of the plane has which class, with colours and without."""

import pytest

from backprop_tui.core.preset.generators import GENERATORS
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.settings.thumbnails import thumbnail


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("look", [Look(), Look(color=False), Look(glyphs=ASCII)])
def test_every_set_that_is_drawn_has_a_picture_of_the_size_asked_for(kind: str, look: Look) -> None:
    lines = [strip.text for strip in thumbnail(kind, 0.1, 0, 11, 5, look)]
    assert [len(line) for line in lines] == [11] * 5
    assert any(line.strip() for line in lines)
    assert all(line.isascii() for line in lines) == look.glyphs.ascii


def test_the_clouds_of_gauss_lie_where_they_are() -> None:
    """The class above 0 around (2, 2), upper right; the other around (-2, -2), lower left."""
    lines = [strip.text for strip in thumbnail("gauss", 0.0, 0, 12, 6, Look(glyphs=ASCII))]
    upper, lower = "".join(line[6:] for line in lines[:3]), "".join(line[:6] for line in lines[3:])
    assert upper.count("o") > 3
    assert upper.count(".") <= 1
    assert lower.count(".") > 3
    assert lower.count("o") <= 1


def test_without_colours_only_one_class_is_drawn() -> None:
    plain = [strip.text for strip in thumbnail("circle", 0.0, 0, 12, 6, Look(color=False))]
    assert plain[0].strip() == plain[-1].strip() == ""
    assert any(line.strip() for line in plain)
    colored = thumbnail("circle", 0.0, 0, 12, 6, Look())
    styles = [segment.style for strip in colored for segment in strip if segment.style]
    colors = {style.color.name for style in styles if style.color}
    assert colors == {DARK.positive, DARK.negative}


def test_what_is_not_drawn_by_chance_has_none() -> None:
    assert not any(strip.text.strip() for strip in thumbnail("digits", 0.0, 0, 11, 5, Look()))
