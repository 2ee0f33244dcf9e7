"""A plot as SVG: valid XML whose shapes lie where the numbers do, and that names what it shows."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backprop_tui.tui.drawing.palette import DARK, LIGHT, mix
from backprop_tui.tui.drawing.plot_svg import HEIGHT, WIDTH, plot_svg
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.svg import number, xml

from ...share import share

SVG = "{http://www.w3.org/2000/svg}"
STEPS = np.arange(1.0, 1001.0)
HOSTILE = "</text><script>\x1b[2J\x00\ud800\ufffe & \"x\" 'y' \u202e"


def series(values, high=None, steps=STEPS, name="train", color=LIGHT.train, **more):
    return Series(name, steps, np.asarray(values, dtype=float), high, color, **more)


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def points(root, place=0):
    """The places of one curve's points, of all its pieces."""
    group = root.findall(f".//{SVG}g[@class='series']")[place]
    paths = "".join(path.get("d") for path in group.iter(f"{SVG}path"))
    return np.array([[float(x), float(y)] for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", paths)])


def scale_of(root, anchor, axis):
    """What a place on an axis stands for, by two labels of its ticks: the slope and the value at 0."""
    ticks = {
        float(element.text.replace(",", "").replace("−", "-")): float(element.get(axis))
        for element in root.iter(f"{SVG}text")
        if element.get("text-anchor") == anchor and re.fullmatch(r"−?[\d.,]+(e-?\d+)?", element.text)
    }
    low, high = min(ticks), max(ticks)
    return lambda place, log=False: (
        10 ** (np.log10(low) + (place - ticks[low]) * np.log10(high / low) / (ticks[high] - ticks[low]))
        if log
        else low + (place - ticks[low]) * (high - low) / (ticks[high] - ticks[low])
    )


@pytest.mark.parametrize("log", [False, True])
def test_every_point_lies_where_its_numbers_are_by_the_ticks(log):
    steps = np.arange(1.0, 201.0)
    values = np.exp(-steps / 60) + 0.01
    root = ElementTree.fromstring(plot_svg([series(values, steps=steps)], first=1, last=200, log=log))
    found = points(root)
    assert len(found) == 200
    step, value = scale_of(root, "middle", "x"), scale_of(root, "end", "y")
    assert np.allclose(step(found[:, 0]), steps, atol=0.02)
    # Labels stand a third of a letter below their line.
    assert np.allclose(value(found[:, 1] + 0.35 * 12, log), values, rtol=0.002 if log else 0.02, atol=1e-4)


def test_spikes_of_many_points_are_all_there():
    steps = np.arange(1.0, 10_000_001.0, 2441.0)
    values = np.ones(steps.size)
    values[[17, 1234, 4000]] = 2, 1.6, 1.8
    root = ElementTree.fromstring(plot_svg([series(values, values + 0.5, steps)], first=1, last=steps[-1]))
    value = scale_of(root, "end", "y")
    tops = value(np.sort(points(root)[:, 1])[:6] + 0.35 * 12)
    for spike in (2.5, 2.3, 2.1):
        assert np.abs(tops - spike).min() < 0.01
    assert len(points(root)) <= 4 * WIDTH


def test_gaps_break_the_line_and_a_point_alone_is_a_dot():
    values = np.array([3.0, 2.0, np.nan, 1.0, np.inf, 2.0, 1.0])
    root = ElementTree.fromstring(plot_svg([series(values, steps=np.arange(1.0, 8.0))], first=1, last=7))
    line, dot = root.findall(f".//{SVG}g[@class='series']/{SVG}path")
    assert line.get("d").count("M") == 2
    assert line.get("d").count("L") == 2
    assert dot.get("d").count("M") == 1
    assert dot.get("stroke-linecap") == "round"


def test_on_a_logarithmic_axis_what_is_not_above_0_is_a_gap():
    values = np.array([1.0, 0.1, 0.0, 0.01, 0.001])
    root = ElementTree.fromstring(plot_svg([series(values, steps=np.arange(1.0, 6.0))], first=1, last=5, log=True))
    assert len(points(root)) == 4
    assert "0.01" in texts(root)
    assert "loss, logarithmic" in texts(root)
    empty = ElementTree.fromstring(plot_svg([series(-STEPS)], first=1, last=1000, log=True))
    assert "nothing above 0 to show on a logarithmic scale" in texts(empty)


def test_a_part_of_the_steps_has_their_points_and_the_line_leads_out_of_it():
    root = ElementTree.fromstring(plot_svg([series(STEPS**2)], first=99.5, last=110.25))
    step, value = scale_of(root, "middle", "x"), scale_of(root, "end", "y")
    assert np.allclose(step(points(root)[:, 0]), [99.5, *range(100, 111), 110.25], atol=0.01)
    # Between two steps it is on the line from one to the other.
    wanted = [(99**2 + 100**2) / 2, *np.arange(100.0, 111) ** 2, 110**2 * 0.75 + 111**2 * 0.25]
    assert np.allclose(value(points(root)[:, 1] + 0.35 * 12), wanted, atol=20)
    assert "from 10000 at 100 to 12100 at 110" in root.find(f"{SVG}desc").text
    # So it is where no step lies in between at all.
    root = ElementTree.fromstring(plot_svg([series([3.0, 1.0], steps=np.array([1.0, 9.0]))], first=4, last=6))
    assert np.allclose(scale_of(root, "end", "y")(points(root)[:, 1] + 0.35 * 12), [2.25, 1.75], atol=0.01)


def test_an_entry_of_several_steps_is_all_that_it_may_be():
    begins, ends = np.array([1.0, 101.0, 201.0]), np.array([100.0, 200.0, 300.0])
    one = series([1.0, 0.5, 0.25], np.array([2.0, 0.75, 0.5]), ends, begins=begins)
    root = ElementTree.fromstring(plot_svg([one], first=1, last=300))
    step, value = scale_of(root, "middle", "x"), scale_of(root, "end", "y")
    found = points(root)
    steps, values = step(found[:, 0]), value(found[:, 1] + 0.35 * 12)
    for begin, end, low, high in zip(begins, ends, one.low, one.high, strict=True):
        here = values[(steps > begin + 1) & (steps < end - 1)]
        assert abs(here.min() - low) < 0.01
        assert abs(here.max() - high) < 0.01


def test_what_is_behind_the_cursor_is_pale_and_the_cursor_is_there():
    root = ElementTree.fromstring(plot_svg([series(STEPS)], first=1, last=1000, cursor=250))
    line = root.find(f".//{SVG}line[@class='cursor']")
    assert abs(scale_of(root, "middle", "x")(float(line.get("x1"))) - 250) < 1
    assert len([group for group in root.iter(f"{SVG}g") if group.get("opacity")]) == 1
    at_end = ElementTree.fromstring(plot_svg([series(STEPS)], first=1, last=1000, cursor=1000))
    assert not [group for group in at_end.iter(f"{SVG}g") if group.get("opacity")]


def test_lines_differ_in_dashes_but_for_the_noise_behind_a_mean():
    noise = series(STEPS, name="batch", color=mix(LIGHT.train, LIGHT.background, 0.5), behind=True)
    mean, test = series(STEPS, name="mean"), series(STEPS, name="test", color=LIGHT.test)
    root = ElementTree.fromstring(plot_svg([noise, mean, test], first=1, last=1000))
    dashed = [path.get("stroke-dasharray") for path in root.findall(f".//{SVG}g[@class='series']/{SVG}path")]
    assert dashed[:2] == [None, None]
    assert dashed[2]
    assert [group.find(f"{SVG}title").text for group in root.findall(f".//{SVG}g[@class='series']")] == [
        "batch",
        "mean",
        "test",
    ]


def test_the_run_in_view_has_the_line_without_gaps_and_of_many_all_have():
    laid = [series(STEPS, name=f"run {letter}", letter=letter) for letter in "AB"]
    root = ElementTree.fromstring(plot_svg([*laid, series(STEPS, name="train")], first=1, last=1000))
    dashed = [path.get("stroke-dasharray") for path in root.findall(f".//{SVG}g[@class='series']/{SVG}path")]
    assert dashed[2] is None
    assert None not in dashed[:2]
    assert dashed[0] != dashed[1]
    root = ElementTree.fromstring(plot_svg([series(STEPS)] * 12, first=1, last=1000))
    paths = root.findall(f".//{SVG}g[@class='series']/{SVG}path")
    assert [path.get("stroke-dasharray") for path in paths] == [None] * 12


def test_where_the_axis_is_cut_arrows_say_so_and_the_legend_how_far():
    values = np.linspace(1, 0.5, 1000)
    values[500] = 1e6
    root = ElementTree.fromstring(plot_svg([series(values)], first=1, last=1000))
    arrow = root.findall(f".//{SVG}path[@class='above']")
    assert len(arrow) == 1
    assert "loss, linear axis; arrows: up to 1e+06" in texts(root)


def test_one_point_and_none():
    root = ElementTree.fromstring(plot_svg([series([0.25], steps=np.array([1.0]))], first=1, last=1))
    assert {"1", "0.25"} <= set(texts(root))
    assert "no steps yet" in texts(ElementTree.fromstring(plot_svg([], first=1, last=1)))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_hostile_names_are_text(palette):
    svg = plot_svg([series(STEPS, name=HOSTILE)], first=1, last=1000, title=HOSTILE, palette=palette)
    root = ElementTree.fromstring(svg.encode("utf-8"))
    assert not list(root.iter(f"{SVG}script"))
    assert "\x1b" not in svg
    assert root.find(f"{SVG}title").text == texts(root)[0]
    assert "</text><script>" in texts(root)[0]


LOSSES = st.one_of(st.floats(), st.floats(1e-12, 1e12), st.sampled_from([0.0, 1.0, 5e-324, 1.7e308]))


@settings(max_examples=share(20, 60))
@given(
    st.lists(st.lists(LOSSES, min_size=1, max_size=40), max_size=5),
    st.booleans(),
    st.floats(0, 50),
    st.floats(0, 50),
    st.one_of(st.none(), st.floats(-5, 60)),
)
def test_whatever_the_numbers_it_is_a_picture_within_its_frame(curves, log, first, last, cursor):
    first, last = sorted((first, last))
    given = [series(values, steps=np.arange(1.0, len(values) + 1)) for values in curves]
    root = ElementTree.fromstring(plot_svg(given, first=first, last=last, log=log, cursor=cursor))
    height = float(root.get("height"))
    for element in root.iter():
        for name in ("x", "x1", "x2", "width"):
            assert 0 <= float(element.get(name, 0)) <= WIDTH
        for name in ("y", "y1", "y2", "height"):
            assert 0 <= float(element.get(name, 0)) <= height
    for place in range(len(root.findall(f".//{SVG}g[@class='series']"))):
        found = points(root, place)
        if len(found):
            assert np.isfinite(found).all()
            assert (found[:, 1] >= 0).all()
            assert (found[:, 1] <= height).all()


def test_places_are_short_and_text_is_escaped():
    assert [number(value) for value in (1.0, -0.001, 12.345, 100.0, 0.5)] == ["1", "0", "12.35", "100", "0.5"]
    assert xml('a<b>&"') == "a&lt;b&gt;&amp;&quot;"
    assert xml("a\nb\x00c") == "a b\\x00c"


def test_a_legend_of_many_rows_takes_nothing_from_the_curves():
    few = ElementTree.fromstring(plot_svg([series(STEPS)], first=1, last=1000))
    many = [series(STEPS, name=f"run {place} {'x' * 10 * place}") for place in range(40)]
    root = ElementTree.fromstring(plot_svg(many, first=1, last=1000, title="t" * 500))
    assert float(root.get("height")) > HEIGHT == float(few.get("height"))
    height = [np.ptp(points(one)[:, 1]) for one in (few, root)]
    assert abs(height[0] - height[1]) < 1e-6
    assert all(len(text) * 12 * 0.55 < WIDTH for text in texts(root))
    legend = max(float(one.get("y")) for one in root.iter(f"{SVG}text") if one.text.startswith("run"))
    assert points(root)[:, 1].min() > legend


def test_what_lies_behind_is_drawn_first():
    root = ElementTree.fromstring(
        plot_svg([series(STEPS, name="mean"), series(STEPS, name="batch", behind=True)], first=1, last=1000)
    )
    assert [group.find(f"{SVG}title").text for group in root.findall(f".//{SVG}g[@class='series']")] == [
        "batch",
        "mean",
    ]


def long_runs():
    """Six runs of ten million steps, known as 4,096 entries each, with rare spikes of one entry."""
    chance = np.random.default_rng(3)
    ends = np.arange(1, 4097) * 2441.0
    for place in range(6):
        low = 0.5 / (1 + ends / 1e6) + 0.02 * place + 0.01 * chance.random(4096)
        high = low + 0.05 * chance.random(4096)
        high[chance.integers(0, 4096, 12)] += 0.3 * chance.random(12)
        yield Series(f"run {place}", ends, low, high, LIGHT.train, "ABCDEF"[place], ends - 2440, behind=place == 5)


LONG = list(long_runs())


@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(1, 9_990_000), st.integers(2, 9_998_336), st.booleans())
def test_of_ten_million_steps_every_spike_in_view_is_there_and_no_other(first, size, log):
    last = min(first + size, 9_998_336)
    root = ElementTree.fromstring(plot_svg(LONG, first=first, last=last, log=log, cursor=last, title="long"))
    value = scale_of(root, "end", "y")
    curves = {group.find(f"{SVG}title").text: group for group in root.findall(f".//{SVG}g[@class='series']")}
    for one in LONG:
        here = (one.steps >= first) & (one.begins <= last)
        found = re.findall(
            r"[ML](-?[\d.]+) (-?[\d.]+)", "".join(p.get("d") for p in curves[one.name].iter(f"{SVG}path"))
        )
        places = np.array(found, dtype=float)
        values = value(places[:, 1] + 0.35 * 12, log)
        # An axis that is cut ends below some spikes; there are arrows then.
        top = value(places[:, 1].min() + 0.35 * 12, log)
        cut = any("arrows" in text for text in texts(root))
        assert np.isclose(top, one.high[here].max(), rtol=0.02, atol=0.004) or (cut and top < one.high[here].max())
        assert np.isclose(values.min(), one.low[here].min(), rtol=0.02, atol=0.004)
        # The line begins at the first step in view and ends at the last.
        step = scale_of(root, "middle", "x")
        assert abs(step(places[0, 0]) - first) < 0.01 * (last - first) + 0.5
        assert abs(step(places[-1, 0]) - last) < 0.01 * (last - first) + 0.5


def test_two_pictures_in_one_page_keep_their_names_apart():
    names = [set(re.findall(r'id="([^"]+)"', plot_svg([series(STEPS**power)], first=1, last=1000))) for power in (1, 2)]
    assert len(names[0]) == 3
    assert not names[0] & names[1]
    whole = plot_svg([series(STEPS)], first=1, last=1000, cursor=10)
    assert set(re.findall(r"#([a-z]+-[0-9a-f]+)", whole)) == set(re.findall(r'id="([^"]+)"', whole))
