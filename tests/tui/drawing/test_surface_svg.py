"""The plane as SVG: the colour of every place is that of its answer, every example lies where it is."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.ground import class_level, ground_of
from backprop_tui.tui.drawing.palette import LIGHT, NAN_LEVEL, STEPS
from backprop_tui.tui.drawing.points import Points, SurfaceScale
from backprop_tui.tui.drawing.surface_svg import SHAPES, SIDE, Meaning, surface_svg

SVG = "{http://www.w3.org/2000/svg}"
LOOK = Look(palette=LIGHT)
COLORS = ground_of(LOOK).colors
ACROSS, UPWARDS = PlotRange("length", -2.0, 2.0), PlotRange("width", 0.0, 8.0)
TWO = Meaning(("0", "0.5", "1"), ("no", "yes"))


def points(x, y, targets, tests):
    return Points(np.array(x, float), np.array(y, float), np.array(targets, float), np.array(tests, bool))


NONE = points([], [], [], [])


def picture(predictions, seen=NONE, scale=SurfaceScale(), meaning=TWO, title="XOR"):  # noqa: B008
    answers = np.array(predictions, dtype=float)
    svg = surface_svg(
        answers, seen, ACROSS, UPWARDS, scale, meaning, LOOK, title=title, subtitle="s", description="told"
    )
    return ElementTree.fromstring(svg.encode())


def ground(root, rows, columns):
    """The colour in the middle of each of rows × columns parts."""
    found = {}
    for path in root.iter(f"{SVG}path"):
        if path.get("class") == "ground":
            for x, y, width in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", path.get("d")):
                row = round(float(y) / SIDE * rows - 0.5)
                begin, end = (round(place / SIDE * columns) for place in (float(x), float(x) + float(width)))
                found |= {(row, column): path.get("stroke") for column in range(begin, end)}
    return [[found[row, column] for column in range(columns)] for row in range(rows)]


def shapes(root):
    """Of each example its classes in the picture, and its place in the units of the axes."""
    plane = root.find(f"{SVG}g")
    found = []
    for element in list(plane):
        kinds = (element.get("class") or "").split()
        if kinds[:1] == ["point"]:
            if element.tag == f"{SVG}circle":
                x, y = float(element.get("cx")), float(element.get("cy"))
            else:
                x, y = map(float, re.match(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d")).groups())
            if x <= SIDE:
                found.append((kinds[1], kinds[2], -2 + 4 * x / SIDE, 8 - 8 * y / SIDE))
    return found


def test_every_place_has_the_colour_of_its_answer():
    root = picture([[0.0, 1.0, 1.0], [0.5, np.nan, 0.0]])
    low, middle, high = COLORS[0], COLORS[STEPS], COLORS[2 * STEPS]
    assert ground(root, 2, 3) == [[low, high, high], [middle, COLORS[NAN_LEVEL], low]]
    by_side = picture([[0.4, 0.6], [0.1, 0.9]], scale=SurfaceScale(discrete=True))
    assert ground(by_side, 2, 2) == [[low, high], [low, high]]
    of_classes = picture(
        [[0, 1], [2, 2]], scale=SurfaceScale(classes=3), meaning=Meaning(("", "", ""), ("a", "b", "c"))
    )
    assert ground(of_classes, 2, 2) == [[COLORS[class_level(n)] for n in row] for row in ([0, 1], [2, 2])]


def test_examples_lie_where_they_are_the_test_part_below_and_hollow():
    seen = points([-2, 1.5, 0, 99, 0], [0, 6, 8, 1, 4], [0, 1, 1, 0, np.nan], [False, True, False, False, False])
    root = picture([[0.5]], seen)
    found = shapes(root)
    assert [one[:2] for one in found] == [("test", "kind-1"), ("train", "kind-0"), ("train", "kind-1")]
    assert np.allclose([one[2:] for one in found], [(1.5, 6), (-2, 0), (0, 8)], atol=0.01)
    hollow = next(element for element in root.iter() if "test" in (element.get("class") or ""))
    assert (hollow.get("fill"), hollow.get("stroke")) == (LIGHT.background, LIGHT.positive)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"length", "width", "no", "yes", "training part", "test part", "−2", "8"} <= set(texts)
    assert root.findtext(f"{SVG}desc") == "told"


def test_classes_have_shapes_of_their_own():
    count = len(SHAPES)
    seen = points(np.linspace(-1.9, 1.9, count), [4] * count, range(count), [False] * count)
    names = tuple(f"class {number}" for number in range(count))
    root = picture([[0]], seen, SurfaceScale(classes=count), Meaning(("", "", ""), names))
    assert [one[1] for one in shapes(root)] == [f"kind-{number}" for number in range(count)]
    outlines = {
        re.sub(r"^M[\d.]+ [\d.]+", "", element.get("d") or "circle")
        for element in root.iter()
        if (element.get("class") or "").startswith("point")
    }
    assert len(outlines) == count
    assert set(names) <= {element.text for element in root.iter(f"{SVG}text")}
    assert "test part" not in {element.text for element in root.iter(f"{SVG}text")}


@pytest.mark.parametrize("count", [3, 60])
def test_hostile_names_are_text_and_many_have_no_more_than_their_room(count):
    names = ("</text><script>\x1b[2J", *["x" * 500] * (count - 1))
    root = picture([[0, 1]], NONE, SurfaceScale(classes=count), Meaning(("", "", ""), names), title="<&>\x00")
    assert not list(root.iter(f"{SVG}script"))
    height = float(root.get("height"))
    assert all(float(element.get("y")) < height for element in root.iter(f"{SVG}text"))
    assert max(len(element.text or "") for element in root.iter(f"{SVG}text")) < 40
