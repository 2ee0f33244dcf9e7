"""The paths of several runs over one landscape: each is that of its run, and all can be told apart."""

from collections.abc import Callable

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.pages.compare_map import CompareMap
from backprop_tui.tui.panes.view import View

Sessions = Callable[..., Session]
W = Spotlight(1, 0, 0)


def moved(comparison: Comparison, step: int) -> None:
    comparison.go(comparison.lead.session.timeline.finish_of(step))
    while not comparison.approach(1.0):
        pass


def hikers(session_of: Sessions, steps: int) -> Comparison:
    """Three rates from one start."""
    comparison = Comparison([("right", session_of("hiker"))])
    for name in ("too small", "too large"):
        comparison.add_variant(name)
    moved(comparison, steps)
    return comparison


def drawn(found: CompareMap, comparison: Comparison, view: View, width: int = 80, height: int = 24) -> list[str]:
    """The map when all of it is worked out."""
    found.lines(comparison, view, width, height, playing=False)
    while not found.finished:
        found.advance(1.0)
        found.lines(comparison, view, width, height, playing=False)
    return [strip.text for strip in found.lines(comparison, view, width, height, playing=False)]


def test_the_paths_begin_at_one_place_and_go_as_their_rates_have_it(session_of: Sessions) -> None:
    comparison, found = hikers(session_of, 20), CompareMap()
    lines = drawn(found, comparison, View(W))
    assert lines[0].rstrip() == "ℒ over W⁽¹⁾₁,₁ → and b⁽¹⁾₁ ↑"
    assert lines[1].rstrip() == "of all 4 examples; no other parameter"
    paths = [found.paths[run.session].rows() for run in comparison.runs]
    for path in paths:
        assert path[0].tolist() == [-2.0, 3.0]
        assert len(path) == 21
    # By hand: the first step is −η times (−9, 6), the gradient at the start, where the errors are 8, 4, 0 and −4.
    gradient = np.array([2 / 4 * (8 * -1 + 4 * 0 + 0 * 1 - 4 * 2), 2 / 4 * (8 + 4 + 0 - 4)])
    for path, rate in zip(paths, (0.3, 0.01, 0.56), strict=True):
        np.testing.assert_allclose(path[1] - path[0], -rate * gradient, rtol=1e-12)
    body = "\n".join(lines[3:])
    assert all(body.count(letter) == 1 for letter in "SABC")
    assert found.landscape is not None
    assert found.landscape.whole


def test_a_run_that_flies_away_leaves_the_map_and_the_others_stay_on_it(session_of: Sessions) -> None:
    comparison = Comparison([("right", session_of("hiker"))])
    comparison.add_changes("away", {"optimizer.learning_rate": 5.0})
    moved(comparison, 60)
    found = CompareMap()
    body = "\n".join(drawn(found, comparison, View(W))[3:])
    assert "A" in body
    assert "B" not in body
    assert found.landscape is not None
    assert found.landscape.reach[0].high < 100


def test_a_run_with_other_layers_is_not_on_the_map(session_of: Sessions) -> None:
    comparison = Comparison([("xor", session_of("xor"))])
    comparison.add_changes("more", {"layers.0.units": 9})
    comparison.add_changes("faster", {"optimizer.learning_rate": 1.0})
    moved(comparison, 5)
    found = CompareMap()
    lines = drawn(found, comparison, View(W))
    assert [run.session in found.paths for run in comparison.runs] == [True, False, True]
    assert "with 31 other parameters as in A now" in lines[1]


def test_a_network_of_one_parameter_has_no_map(session_of: Sessions) -> None:
    comparison = Comparison([("one", session_of("local-minimum"))])
    assert "a map needs two parameters" in drawn(CompareMap(), comparison, View(W))[0]


@pytest.mark.parametrize(("width", "height"), [(60, 10), (76, 17), (110, 30)])
def test_without_colours_each_path_is_made_of_its_letter(width: int, height: int, session_of: Sessions) -> None:
    comparison = hikers(session_of, 20)
    for look in (Look(color=False), Look(color=False, glyphs=ASCII)):
        lines = drawn(CompareMap(), comparison, View(W, look=look), width, height)
        assert len(lines) == height
        assert all(len(line) <= width for line in lines)
        body = "\n".join(lines[3:])
        assert body.count("c") > 3
        assert all(letter in body for letter in "ABC")


def test_while_the_runs_play_the_landscape_stays(session_of: Sessions) -> None:
    comparison, found = hikers(session_of, 3), CompareMap()
    drawn(found, comparison, View(W))
    before = found.landscape
    moved(comparison, 9)
    found.lines(comparison, View(W), 80, 24, playing=True)
    assert found.landscape is before
