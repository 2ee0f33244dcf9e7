"""What is concluded from figures that are given, and that it follows them wherever they lead."""

from dataclasses import replace
from math import inf, nan, pi, sqrt

import pytest

from backprop_tui.core.proof.aspects import ASPECTS, compared, pairs_cosine, random_cosine
from backprop_tui.core.proof.conclusion import conclusion, verdict
from backprop_tui.core.proof.contest import Outcome, Result
from backprop_tui.core.proof.estimate_report import WIDTH, costs, estimate_json, estimate_text, in_columns
from backprop_tui.core.proof.estimators import METHODS, OWN
from backprop_tui.core.proof.exhaustive import pace_line


def result(name: str, loss: float, slope: float | None = None, start: float = 0.5) -> Result:
    title = next((method.title for method in METHODS if method.name == name), "backpropagation with adam")
    trace = ((0.0, start), (12.0, 0.3), (24.0, loss))
    price = {"numerical_gradient": 66.0, "evolution_strategies": 20.0, "random_search": 1.0}.get(name, 2.5)
    return Result(name, title, 24.0, price, 3, 0.25, loss, 0.1, 8, 0.5, 64 if price == 2.5 else 0, slope, trace)


def outcome(*losses: float, own: float | None = None, parameters: int = 33, slope: float = 0.2) -> Outcome:
    found = [
        result(method.name, loss, slope if method.caches else None)
        for method, loss in zip(METHODS, losses, strict=True)
    ]
    if own is not None:
        found.append(result(OWN, own, slope))
    return Outcome(1000, parameters, 0.4, tuple(found))


def test_the_lowest_is_named_with_the_next_of_the_other_kind() -> None:
    assert verdict(outcome(0.125, 0.4, 0.3, 0.25).results) == (
        "Lowest loss: 0.125, by backpropagation; next comes random search with 0.25."
    )
    assert verdict(outcome(0.125, 0.4, 0.3, 0.25, own=0.0625).results) == (
        "Lowest loss: 0.0625, by backpropagation with adam; next comes random search with 0.25."
    )
    assert verdict(outcome(0.25, 0.4, nan, 0.125).results) == (
        "Lowest loss: 0.125, by random search; backpropagation comes to 0.25."
    )
    assert verdict(outcome(0.25, 0.25, inf, 0.25).results) == (
        "Lowest loss: 0.25, by backpropagation, numerical gradient and random search."
    )


def test_nobody_below_the_start_and_nobody_finite() -> None:
    assert conclusion(outcome(0.5, 0.5, 0.75, inf)) == ["No method got below the loss at the start, 0.5."]
    assert conclusion(outcome(nan, inf, nan, inf)) == ["No method met a finite loss."]


def test_where_backpropagation_is_lowest_its_advantage_is_told_in_figures() -> None:
    text = " ".join(conclusion(outcome(0.125, 0.4, 0.3, 0.3)))
    assert "all 33 slopes, for 2.5 passes; by central differences it takes 66" in text
    assert "cosine of about 0.14 with it" in text
    assert "What evolution strategies reached after 12 passes it had reached after 12" in text
    assert "exception" not in text


def test_a_tiny_network_is_called_the_exception_and_a_larger_one_is_not() -> None:
    tiny = " ".join(conclusion(outcome(0.25, 0.4, 0.3, 0.125)))
    assert "A tiny network is the exception: with 33 parameters" in tiny
    assert "a trial costs 1 pass where a step of backpropagation costs 2.5" in tiny
    assert "With 3,300 parameters the cosine would be about 0.014." in tiny
    large = " ".join(conclusion(outcome(0.25, 0.4, 0.3, 0.125, parameters=609)))
    assert "exception" not in large
    assert "with 609 parameters their cosine with the gradient is about 0.032" in large
    other = " ".join(conclusion(outcome(0.25, 0.4, 0.125, 0.3)))
    assert "an estimate from 10 pairs has a cosine of about 0.48" in other
    assert "With 3,300 parameters it would be about 0.055." in other
    third = " ".join(conclusion(outcome(0.25, 0.125, 0.4, 0.3)))
    assert "the gradient by central differences costs 66 passes" in third


def test_what_hardly_differs_is_no_exception_and_is_told_with_the_digits_that_differ() -> None:
    text = conclusion(outcome(0.2500001, 0.4, 0.3, 0.25))
    assert text[0] == "Lowest loss: 0.25, by random search; backpropagation comes to 0.2500001."
    assert text[1] == "That is next to no difference: they are within 0.1% of each other."


@pytest.mark.parametrize(("slope", "told"), [(0.039, True), (0.041, False)])
def test_a_flat_place_is_named_below_a_tenth_of_the_slope_at_the_start(slope: float, told: bool) -> None:
    text = " ".join(conclusion(outcome(0.25, 0.4, 0.3, 0.125, slope=slope)))
    assert (f"‖∇ℒ‖ = {slope:g}, at the start 0.4" in text) is told


def test_seven_rows_for_four_methods() -> None:
    heading, *rows = compared(outcome(0.25, 0.4, 0.3, 0.125, own=0.1))
    assert heading == ("", "backprop", *(method.title for method in METHODS[1:]))
    assert tuple(row[0] for row in rows) == ASPECTS
    assert len(ASPECTS) == 7
    assert all(len(row) == 5 and all(row) for row in rows)
    table = {row[0]: row[1:] for row in rows}
    assert table["memory"] == ("64 bytes kept", "0 bytes kept", "0 bytes kept", "0 bytes kept")
    assert table["accuracy"] == ("cosine 0.5",) * 4
    assert table["speed"][1] == "2N = 66 passes a gradient; 3 steps in 0.25 s"
    assert "660" in table["scalability"][1]


@pytest.mark.parametrize("width", [30, 60, 80, 100])
def test_no_cell_is_lost_at_any_width(width: int) -> None:
    rows = compared(outcome(0.25, 0.4, 0.3, 0.125))
    lines = in_columns(rows, width)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    for aspect, *cells in rows[1:]:
        for cell in (aspect, *cells):
            assert all(word in words for word in cell.split())


def test_cosines_by_formula() -> None:
    assert random_cosine(33) == pytest.approx(sqrt(2 / (33 * pi)))
    assert random_cosine(1) <= 1
    assert pairs_cosine(9) == pytest.approx(sqrt(10 / 20))


def test_exhaustive_search_at_the_pace_that_was_measured() -> None:
    """10^33 passes at 96 a second: 10^33 / (96 · 31,557,600) years."""
    found = outcome(0.25, 0.4, 0.3, 0.125)
    years = 10**33 / (96 * 31_557_600)
    assert years == pytest.approx(3.30e23, rel=1e-2)
    assert costs(found)[0] == pace_line(33, 96)
    assert "10^33 forward passes" in pace_line(33, 96)
    assert "the 96 a second that were measured here they would take 3.3 × 10^23 years" in pace_line(33, 96)
    assert "they would take 5 seconds" in pace_line(2, 20)
    assert pace_line(33, 96) in " ".join(estimate_text(found).split())
    # Before its first pass there is no pace, nor where less time passed than the clock tells.
    for changes in ({"forward_passes": 0.0}, {"seconds": 0.0}):
        begun = replace(found, results=tuple(replace(one, **changes) for one in found.results))
        assert costs(begun) == costs(found)[1:]


def test_the_text_begins_with_the_conclusion_and_json_has_four_methods() -> None:
    found = outcome(0.25, 0.4, 0.3, 0.125, own=0.1)
    text = estimate_text(found)
    assert text.startswith(verdict(found.results))
    assert max(len(line) for line in text.split("\n")) <= WIDTH + 10
    assert "backpropagation with adam" in text
    assert all(any(line.startswith(aspect) for line in text.split("\n")) for aspect in ASPECTS)
    assert [method["name"] for method in estimate_json(found)["methods"]] == [method.name for method in METHODS]
