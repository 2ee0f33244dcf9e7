"""A sweep's table at any width: every row there, with the settings that make it."""

import shlex

import pytest

from backprop_tui.core.sweep.grid import combinations, read_axis
from backprop_tui.core.sweep.job import Outcome
from backprop_tui.core.sweep.report import sweep_json, sweep_text
from backprop_tui.core.sweep.sweep import Sweep

AXES = [read_axis("optimizer.learning_rate=0.1,0.3"), read_axis("layers.0.units,layers.1.units=4,16")]
SETTINGS = tuple(combinations(AXES, 2))


def two_seeds(impossible: dict[int, str] | None = None) -> Sweep:
    gone = impossible or {}
    places = tuple((place, seed) for seed in (0, 1) for place in range(4) if place not in gone)
    jobs = (None,) * len(places)
    return Sweep("made", tuple(AXES), SETTINGS, 2, None, jobs, places, gone, "loss", "", 1)  # type: ignore[arg-type]


def run(loss: float, steps: int = 10) -> Outcome:
    return Outcome(steps, 1, 1.0, loss, loss, None, 0.5, None, "steps")


# Means 3, 2.5, 2 and 1.5: the last settings are the best.
DONE = {place: run(place_loss) for place, place_loss in enumerate([2, 2, 1.5, 1, 4, 3, 2.5, 2])}


def test_the_whole_table_where_there_is_room():
    assert sweep_text(two_seeds(), DONE) == (
        "made: 4 settings × 2 seeds, 8 runs\n"
        "best first, by loss; means over the seeds, ± their standard deviation\n"
        "\n"
        "#  loss      ±  lowest  highest  acc\n"
        "1   1.5  0.707       1        2  0.5"
        "  --set optimizer.learning_rate=0.3 --set layers.0.units=16 --set layers.1.units=16\n"
        "2     2  0.707     1.5      2.5  0.5"
        "  --set optimizer.learning_rate=0.3 --set layers.0.units=4 --set layers.1.units=4\n"
        "3   2.5  0.707       2        3  0.5"
        "  --set optimizer.learning_rate=0.1 --set layers.0.units=16 --set layers.1.units=16\n"
        "4     3   1.41       2        4  0.5"
        "  --set optimizer.learning_rate=0.1 --set layers.0.units=4 --set layers.1.units=4"
    )


def test_values_stand_in_columns_of_their_own_where_that_is_too_long():
    lines = sweep_text(two_seeds(), DONE, 100).splitlines()
    assert lines[3] == ("#  loss      ±  lowest  highest  acc  optimizer.learning_rate  layers.0.units,layers.1.units")
    assert lines[4] == "1   1.5  0.707       1        2  0.5  0.3                      16"
    assert len(lines) == 8


def test_settings_stand_below_where_that_is_too_broad_too():
    lines = sweep_text(two_seeds(), DONE, 85).splitlines()
    assert lines[4:6] == [
        "1   1.5  0.707       1        2  0.5",
        "      --set optimizer.learning_rate=0.3 --set layers.0.units=16 --set layers.1.units=16",
    ]
    assert len(lines) == 12


@pytest.mark.parametrize("width", [None, 1, 60, 100, 130, 200])
@pytest.mark.parametrize("most", [None, 2])
def test_no_line_is_longer_than_it_must_be_and_no_row_is_lost(width, most):
    text = sweep_text(two_seeds(), DONE, width, most)
    rows = [line for line in text.splitlines() if line.split()[:1] and line.split()[0].isdigit()]
    assert [row.split()[0] for row in rows] == list("1234"[:most])
    assert ("… and 2 more" in text) == (most == 2)
    lines = [line for line in text.splitlines()[2:] if not line.lstrip().startswith("--set")]
    assert width in (None, 1) or max(map(len, lines)) <= width


def test_what_is_done_so_far_is_told_with_what_it_is_of():
    lines = sweep_text(two_seeds(), {0: run(2), 1: run(1), 4: run(3)}).splitlines()
    assert lines[0] == "made: 4 settings × 2 seeds, 3 of 8 runs done"
    assert "1 of 2 seeds" in lines[4]
    assert "1 of 2 seeds" not in lines[5]
    assert sweep_text(two_seeds(), {}) == "made: 4 settings × 2 seeds, 0 of 8 runs done"


def test_what_diverged_failed_or_cannot_be_is_told():
    lost = Outcome(4, 1, 1.0, float("nan"), 1.0, None, None, None, "not_finite")
    done = {0: lost, 1: run(1), 2: Outcome(problem="its process was killed"), 3: lost, 4: run(2), 5: run(3)}
    lines = sweep_text(two_seeds({1: "it is too wide"}), done).splitlines()
    figures = [line.partition("  --set")[0].split() for line in lines[4:7]]
    # The second has a run whose process was killed, the third two that diverged, of which there is no figure.
    assert figures == [
        ["1", "1.5", "0.707", "1", "2", "0.5"],
        ["2", "3", "3", "3", "0.5", "1", "of", "2", "failed"],
        ["3", "2", "of", "2", "diverged"],
    ]
    assert any(line.endswith("--set layers.0.units=16 --set layers.1.units=16: it is too wide") for line in lines)
    assert any(line.endswith(": its process was killed") for line in lines)


def test_settings_are_quoted_for_the_shell_and_as_typed_in_the_document():
    axis = read_axis("""title='a b',"it's" """)
    settings = tuple(combinations([axis], 1))
    sweep = Sweep("made", (axis,), settings, 1, None, (), ((0, 0), (1, 0)), {}, "loss", "", 1)
    done = {0: run(1), 1: run(2)}
    rows = sweep_text(sweep, done).splitlines()[3:]
    assert [shlex.split(row[row.index("--set") :])[1] for row in rows[1:]] == [settings[0][0], settings[1][0]]
    assert [each["set"] for each in sweep_json(sweep, done)["settings"]] == [{"title": "a b"}, {"title": "it's"}]
