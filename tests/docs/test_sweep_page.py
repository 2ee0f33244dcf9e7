"""docs/sweep.md: its commands are such, its example runs, and its JSON has the names that are printed."""

import json
import re
import shlex

from backprop_tui import docs
from backprop_tui.core.sweep.grid import MOST_RUNS
from backprop_tui.core.sweep.job import Outcome
from backprop_tui.core.sweep.report import sweep_json
from backprop_tui.tui import cli
from backprop_tui.tui.command_line.command_words import OPEN
from backprop_tui.tui.command_line.options import build, options_of, parse

from ..core.sweep.test_standing import sweep

PAGE = docs.text("sweep")


def names_in(document: object) -> set[str]:
    if isinstance(document, dict):
        return set(document) | set().union(*map(names_in, document.values()))
    return set().union(*map(names_in, document)) if isinstance(document, list) else set()


def test_its_commands_are_understood_and_the_first_runs(capsys):
    commands = [shlex.split(line.strip())[1:] for line in PAGE.splitlines() if line.startswith("    backprop-tui")]
    assert len(commands) == 2
    for words in commands:
        parse(words)
    assert cli.main([*commands[0], "--steps", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == {"planned": 30, "done": 30}


def test_its_options_and_limits_are_those_of_the_program():
    own = {*options_of(build("sweep"))} - {*options_of(build(OPEN))}
    assert own <= set(re.findall(r"--[a-z]+", PAGE)) | {"--json"}
    assert f"At most {MOST_RUNS:,} runs" in PAGE


def test_its_names_are_those_of_the_document():
    block = PAGE.split("```")[1]
    done = {0: Outcome(1, 1, 0.5, 0.4, 0.4, 0.3, 1.0, 1.0, "steps"), 1: Outcome(problem="its process was killed")}
    printed = names_in(sweep_json(sweep(2, 1, "loss", {}), done)) - {"a"}
    assert set(re.findall(r'"(\w+)"', block)) == printed | {"keys", "values"}
