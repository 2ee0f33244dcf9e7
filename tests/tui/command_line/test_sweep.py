"""`sweep` on the command line: its table, its document, what it refuses, and how it ends."""

import io
import json
import re
import shlex
import subprocess
import sys

import pytest

from backprop_tui.core.sweep.job import Outcome
from backprop_tui.tui.command_line import sweeping
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.sweeping import Chosen

from .said import said

PROGRAM = [sys.executable, "-m", "backprop_tui", "sweep"]
RATES = ["--vary", "optimizer.learning_rate=0.05,1", "--vary", "layers.0.activation=tanh,relu"]


def refuse(literal: str) -> None:
    raise ValueError(f"{literal} is not strict JSON")


def strict(text: str):
    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def table() -> str:
    """A sweep over four settings and two seeds, as it is printed to a pipe."""
    return subprocess.run(
        [*PROGRAM, "moons", *RATES, "--seeds", "2", "--steps", "80"], capture_output=True, text=True, check=True
    ).stdout


def test_each_row_is_what_train_says_of_its_settings(table, capsys):
    lines = table.splitlines()
    assert lines[:2] == [
        "moons: 4 settings × 2 seeds, 8 runs",
        "best first, by test loss; means over the seeds, ± their standard deviation",
    ]
    assert lines[3].split() == ["#", "test", "loss", "±", "lowest", "highest", "loss", "test", "acc", "acc"]
    rows = lines[4:8]
    means = [float(row.split()[1]) for row in rows]
    assert means == sorted(means)
    for place, row in enumerate(rows, 1):
        settings = shlex.split(row[row.index("--set") :])
        ends = [
            strict(said(capsys, "train", "moons", *settings, "--steps", 80, "--seed", seed, "--json"))
            for seed in (0, 1)
        ]
        test, loss = [end["test_loss"] for end in ends], [end["loss"]["last"] for end in ends]
        cells = row.split()
        assert cells[0] == str(place)
        assert cells[1] == f"{sum(test) / 2:.6g}"
        assert cells[2] == f"{abs(test[0] - test[1]) / 2**0.5:.3g}"
        assert cells[3:5] == [f"{min(test):.4g}", f"{max(test):.4g}"]
        assert cells[5] == f"{sum(loss) / 2:.4g}"


def test_the_best_is_a_command_line_that_can_be_typed(table):
    last = table.splitlines()[-1]
    found = re.fullmatch(r"the best: backprop-tui (moons --set \S+ --set \S+ --seed [01])", last)
    assert found
    _, options = parse(shlex.split(found[1]))
    assert (options.command, options.preset, len(options.set)) == ("open", "moons", 2)


def test_the_document_is_the_same_however_many_are_done_at_once(capsys):
    words = ["sweep", "xor", "--set", "layers.0.activation=relu", "--vary", "optimizer.learning_rate=0.5,1e300"]
    words += ["--seeds", 2, "--steps", 40, "--json"]
    one, two = (said(capsys, *words, "--jobs", number) for number in (1, 2))
    assert one == two
    found = strict(one)
    assert (found["preset"], found["seeds"], found["runs"]) == ("xor", 2, {"planned": 4, "done": 4})
    assert found["vary"] == [{"keys": ["optimizer.learning_rate"], "values": [0.5, 1e300]}]
    assert [each["set"] for each in found["settings"]] == [
        {"optimizer.learning_rate": 0.5},
        {"optimizer.learning_rate": 1e300},
    ]
    assert [each["diverged"] for each in found["settings"]] == [0, 2]
    run = found["settings"][0]["runs"][1]
    settings = ["--set", "layers.0.activation=relu", "--set", "optimizer.learning_rate=0.5", "--seed", 1]
    trained = strict(said(capsys, "train", "xor", *settings, "--steps", 40, "--json"))
    assert run == {"seed": 1} | {name: trained[name] for name in run if name != "seed"}


def test_settings_are_below_where_the_terminal_is_narrow_and_can_be_read_in_ascii(capsys, monkeypatch):
    words = ["sweep", "xor", *RATES, "--steps", "3"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sweeping, "can_ask", lambda: False)
    lines = said(capsys, *words, "--ascii").splitlines()
    assert lines[0] == "xor: 4 settings x 1 seed, 4 runs"
    assert all(line.startswith("      --set optimizer.learning_rate=") for line in lines[5:12:2])
    assert all(line.isascii() for line in lines)


def test_somebodys_own_data_and_files_of_a_preset_are_found_by_the_processes(tmp_path, capsys, monkeypatch):
    rows = "\n".join(f"{x},{y},{'ab'[(x * y) % 3 == 0]}" for x in range(8) for y in range(8))
    (tmp_path / "own.csv").write_text(f"x,y,kind\n{rows}\n")
    monkeypatch.chdir(tmp_path)
    words = ["--steps", 20, "--json"]
    vary = ["--vary", "optimizer.learning_rate=0.1,0.2"]
    own = strict(said(capsys, "sweep", "--data", "own.csv", *vary, *words))
    trained = strict(said(capsys, "train", "--data", "own.csv", "--set", "optimizer.learning_rate=0.2", *words))
    runs = {each["set"]["optimizer.learning_rate"]: each["runs"][0] for each in own["settings"]}
    assert runs[0.2]["loss"] == trained["loss"]
    # What holds before the data are read: a normalized column is another network's input.
    scaled = strict(said(capsys, "sweep", "--data", "own.csv", "--vary", "data.normalize=true,false", *words))
    for each in scaled["settings"]:
        setting = f"data.normalize={str(each['set']['data.normalize']).lower()}"
        alone = strict(said(capsys, "train", "--data", "own.csv", "--set", setting, *words))
        assert each["runs"][0]["loss"] == alone["loss"]
    (tmp_path / "mine.toml").write_text(said(capsys, "show", "--data", "own.csv"))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    mine = strict(said(capsys, "sweep", "../mine.toml", *vary, *words))
    assert [each["loss"] for each in mine["settings"]] == [each["loss"] for each in own["settings"]]
    files = strict(said(capsys, "sweep", "../mine.toml", "--vary", "data.path=../own.csv", *words))
    assert files["settings"][0]["runs"][0]["steps"] == 20


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["xor"], "sweep needs what is to be varied, for example --vary optimizer.learning_rate=0.03,0.1,0.3"),
        (["--vary", "seed=1,2"], "sweep needs a preset, for example backprop-tui sweep xor"),
        (["xor", "--vary", "optimizer.lerning_rate=1,2"], 'unknown key; did you mean "learning_rate"'),
        (["xor", "--vary", "learning_rate=1,2"], 'unknown key; did you mean "optimizer.learning_rate"?'),
        (["xor", "--vary", "units=1,2"], 'unknown key; did you mean "layers.0.units"?'),
        (["xor", "--vary", "kind=sgd"], 'did you mean "data.kind" or "loss.kind" or "optimizer.kind"?'),
        (["xor", "--vary", "seed=1,2", "--seed", "4"], "--seed: seed is varied by --vary"),
        (["xor", "--vary", "seed=1,2", "--seeds", "4"], "--seeds: seed is varied by --vary"),
        (["xor", "--vary", "variants.0.name=a"], "variants are runs of their own"),
        (["xor", "--vary", "layers.7.units=1,2"], "no layers.7; layers.0 is the first"),
        (["xor", "--vary", "layers.0.activation=tahn,relu"], 'did you mean "tanh"'),
        (["xor", "--vary", "optimizer.learning_rate="], "expected KEY=VALUE,VALUE"),
        (["xor", "--vary"], "expected one argument"),
        (["xor", "--seeds", "0"], "expected a whole number from 1 to 10000"),
        (["xor", "--jobs", "0", "--seeds", "2"], "expected a whole number from 1 to 1024"),
        (["xor", "--seeds", "101", "--vary", "layers.0.units=" + ",".join(map(str, range(1, 101)))], "found 10,100"),
        (["xor", "--seeds", "2", "--by", "test_loss"], "--by test_loss: there is no test part"),
        (["xor", "--seeds", "2", "--by", "luck"], "invalid choice"),
        (["xor", "--seeds", "2", "--jobs", "2", "--dask", "tcp://here:1"], "leave one out"),
        (["xor", "--seeds", "2", "--dask", "here"], "--dask here: this is no address"),
        (["xor", "--varry", "seed=1"], 'did you mean "--vary"'),
        (["nowhere.toml", "--seeds", "2"], "nowhere.toml"),
        (["digits", "--seeds", "2", "--set", "layers.0.units=900000"], "GB of memory"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(capsys, words, told):
    assert told in said(capsys, "sweep", *words, status=2)


def test_a_recording_is_no_preset_to_vary(capsys, tmp_path):
    path = tmp_path / "run.backprop"
    said(capsys, "train", "xor", "--steps", 3, "--record", path)
    assert "print its preset with backprop-tui show" in said(capsys, "sweep", path, "--seeds", 2, status=2)


# What is opened at the end

BETTER, WORSE = "optimizer.learning_rate=0.5", "optimizer.learning_rate=0.001"
ASKED = "enter opens the best in the app, a number that row, q ends: "


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("\n", Chosen((BETTER,), 1)),
        ("2\n", Chosen((WORSE,), 0)),
        ("3\n0\nx\n٣\n 1 \n", Chosen((BETTER,), 1)),
        ("q\n", 0),
        ("", 0),
    ],
)
def test_a_row_is_chosen_with_the_seed_of_its_best_run(typed, chosen, monkeypatch, capsys):
    # By hand: with seed 1 the better one has the lower loss, with seed 0 the other.
    losses = {(BETTER, 0): 0.4, (WORSE, 0): 0.5, (BETTER, 1): 0.2, (WORSE, 1): 0.6}
    outcomes = [Outcome(3, 3, 1.0, loss, loss, stopped_by="steps") for loss in losses.values()]
    monkeypatch.setattr(sweeping, "outcomes_of", lambda *arguments: enumerate(outcomes))
    monkeypatch.setattr(sweeping, "can_ask", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    _, options = parse(["sweep", "xor", "--seeds", "2", "--vary", f"{BETTER},0.001"])
    assert sweeping.sweep(options) == chosen
    err = capsys.readouterr().err
    assert err.count(ASKED) == max(1, len(typed.splitlines()))
    assert err.count("expected a number from 1 to 2, enter or q") == max(0, len(typed.splitlines()) - 1)


def test_without_seeds_a_row_is_opened_with_that_of_the_command_line(monkeypatch):
    monkeypatch.setattr(sweeping, "outcomes_of", lambda *arguments: [(0, Outcome(3, 3, 1.0, 0.5, 0.5))])
    monkeypatch.setattr(sweeping, "can_ask", lambda: True)
    for seed in ([], ["--seed", "4"]):
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
        _, options = parse(["sweep", "xor", "--vary", BETTER, *seed])
        assert sweeping.sweep(options) == Chosen((BETTER,), 4 if seed else None)
