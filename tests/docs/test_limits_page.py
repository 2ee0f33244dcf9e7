"""What the page of limits says is what the program and its benchmarks have."""

import re
from pathlib import Path

import pytest

from backprop_tui import docs
from backprop_tui.core.preset import named_file, preset, tables
from backprop_tui.core.proof import gradient_check
from backprop_tui.core.recording import form
from backprop_tui.core.session import history, journal, snapshots
from backprop_tui.core.sweep import grid
from backprop_tui.core.worked import class_list, class_sheets
from backprop_tui.tui.command_line import serve_options
from backprop_tui.tui.panes.weights import WeightsPane

from .measured import filled, row

ROOT = Path(__file__).parents[2]
PAGE = docs.text("limits")
MB = 2**20


def line(words: str) -> str:
    """The row of a table that begins with these words."""
    (found,) = [one for one in PAGE.splitlines() if one.startswith(f"| {words}")]
    return found


def constant(benchmark: str, name: str) -> str:
    """What a benchmark calls by that name, as it is written there: importing some of them takes seconds."""
    text = (ROOT / "tests" / "benchmarks" / f"{benchmark}.py").read_text(encoding="utf-8")
    found = re.search(rf"^{name} = (.+)$", text, re.MULTILINE)
    assert found is not None, f"{benchmark}.py has no {name}"
    return found[1]


@pytest.mark.parametrize(
    ("words", "bounds"),
    [
        ("memory that a preset", [f"{named_file.LARGEST // 10**9} GB"]),
        ("one file of data", [f"{named_file.LARGEST // 10**9} GB"]),
        ("a preset file", [f"{preset.LARGEST_FILE // 10**6} MB"]),
        ("layers of a network", [f"{tables.MOST_LAYERS:,}", f"{tables.DEEPEST_REPEAT:,}"]),
        ("runs of one sweep", [f"{grid.MOST_RUNS:,}"]),
        ("students of one class", [f"{class_list.MOST_STUDENTS}, {class_sheets.MOST_PAGES} "]),
        ("visitors of a server", [f"{serve_options.VISITORS} unless"]),
        ("the curve of the losses", [f"{history.BUCKETS:,} entries"]),
        ("gradient norms", [f"{history.MEASUREMENTS} measurements"]),
        ("states to go back from", [f"{snapshots.BUDGET // MB} MB"]),
        ("changes that can be undone", [f"{journal.MOST} of them", f"{journal.BUDGET // MB} MB"]),
        ("a recording", [f"{form.LIMIT // MB} MB", f"{form.MOST_STEPS:,} kept"]),
        ("analytic gradients", ["10⁻⁶" if gradient_check.TOLERANCE == 1e-6 else "changed"]),
        ("a drawing of *Data*", [f"≤ {float(constant('redraw', 'LIMIT')):g} ms"]),
        ("a drawing of the losses", [f"≤ {float(constant('loss_plot', 'LIMIT')):g} ms"]),
        ("a drawing of *Weights*", [f"≤ {WeightsPane.interval * 100:g} ms"]),
        ("training with the diagnosis", [f"≥ {constant('diagnosis', 'THRESHOLD')}"]),
        ("a sweep of 60 runs", [f"≤ {constant('sweep', 'THRESHOLD')} of"]),
        ("thirty worksheets", [f"≤ {float(constant('worksheets', 'THRESHOLD')):g} s"]),
        ("a PyTorch loop", re.findall(r"1\.\d+", constant("watch", "LIMITS"))),
    ],
)
def test_every_bound_is_the_one_in_force(words: str, bounds: list[str]) -> None:
    assert bounds
    assert [bound for bound in bounds if bound not in line(words)] == [], line(words)


def test_every_command_and_file_that_it_names_is_there() -> None:
    files = re.findall(r"`(?:python )?(tests/[\w/.]+)", PAGE)
    modules = re.findall(r"python -m (tests[\w.]+)", PAGE)
    assert len(files) > 15
    assert modules
    assert [file for file in files if not (ROOT / file).exists()] == []
    for module in modules:
        place = ROOT.joinpath(*module.split("."))
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
    # Every benchmark that fails below a goal has a line.
    scripts = sorted((ROOT / "tests" / "benchmarks").glob("[a-z]*.py"))
    held = [path.name for path in scripts if "status is 1" in " ".join(path.read_text(encoding="utf-8").split())]
    assert len(held) > 8
    assert [name for name in held if name not in PAGE] == []


ONE = {"subject": "spiral", "name": "key, median", "value": 7.4321, "unit": "ms", "least": None, "most": 8, "note": ""}


def test_each_benchmark_of_it_is_among_those_for_contributors() -> None:
    listed = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert not [
        found for found in re.findall(r"`(python tests/benchmarks/\w+\.py)`", PAGE) if f"| `{found}` |" not in listed
    ]


def test_measured_figures_are_filled_in() -> None:
    empty = PAGE[: PAGE.index("| --- | --- | --- | --- |\n")] + "| --- | --- | --- | --- |\n\n- rest\n"
    once = filled(empty, {"app": [ONE]})
    assert "| spiral | key, median | ≤ 8 ms | 7.43 ms |\n\n- rest\n" in once
    # What is measured again takes the place of what was there, what is not stays.
    other = {
        **ONE,
        "name": "throughput ÷ headless",
        "unit": "",
        "value": 0.9,
        "most": None,
        "least": 0.93,
        "passed": False,
    }
    twice = filled(once, [other, {**ONE, "value": 8.0}])
    assert twice.count("key, median") == 1
    assert "| spiral | key, median | ≤ 8 ms | 8 ms |\n" in twice
    assert "| spiral | throughput ÷ headless | ≥ 0.93 | 0.9, missed |\n\n- rest\n" in twice
    assert filled(twice, []) == twice


def test_what_is_noted_of_a_figure_stands_behind_it() -> None:
    assert row({**ONE, "note": "longest 21 | of 200"})[3] == "7.43 ms (longest 21 / of 200)"


def test_a_large_figure_has_its_thousands_told_apart() -> None:
    assert row({"subject": "a", "name": "steps", "value": 20123.4, "unit": "/s"})[3] == "20,123 /s"


def test_a_page_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a table"):
        filled("# Limits\n", [])
