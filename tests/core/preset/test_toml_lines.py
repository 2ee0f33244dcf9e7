"""The lines on which keys of a TOML text stand: by hand, and for every key of every preset that comes along."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.preset.toml_lines import key_lines, nearest_line
from backprop_tui.core.preset.toml_text import toml_text

TEXT = '''# line 1
title = "a [data] # no header"
lesson = """
[layers]
units = 3 \\""" still a string
"""
data . kind = 'xor' # data.kind
"odd \\u0041.key" = 1

[optimizer] # momentum = 1
learning_rate = 0.1
schedule = { kind = "step", gamma = 0.5 }
schedule.warm_up = 3

[[layers]]
units = 4
weights = [
  [1.0, 2.0],  # ] not the end
  [3.0, "]"],
]
[layers.deeper]
x = 1
[[layers]]
activation = \'\'\'
units = 5
\'\'\'
  units=1
[[layers.0.never]]
'''
LINES = {
    "title": 2,
    "lesson": 3,
    "data.kind": 7,
    "odd A.key": 8,
    "optimizer": 10,
    "optimizer.learning_rate": 11,
    "optimizer.schedule.gamma": 12,
    "layers": 15,
    "layers.0": 15,
    "layers.0.units": 16,
    "layers.0.weights": 17,
    "layers.0.weights.1": 19,
    "layers.0.weights.1.1": 19,
    "layers.0.deeper.x": 22,
    "layers.1": 23,
    "layers.1.activation": 24,
    "layers.1.units": 27,
}


def test_lines_by_hand() -> None:
    found = key_lines(TEXT, LINES)
    assert {path: found.get(path) for path in LINES} == LINES
    assert "units" not in key_lines(TEXT, ["units"])
    assert nearest_line(key_lines(TEXT, ["layers.1.bias"]), "layers.1.bias") == 23
    assert nearest_line(key_lines(TEXT, ["view.unit"]), "view.unit") is None


def paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key and entry of a table with what it holds."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        here = f"{path}.{name}" if path else str(name)
        yield here, inner
        yield from paths(inner, here)


@pytest.mark.parametrize("name", presets.names())
def test_every_key_of_a_preset_stands_on_its_line(name: str) -> None:
    text = presets.text(name)
    wanted = dict(paths(tomllib.loads(text)))
    found = key_lines(text, wanted)
    assert found.keys() == wanted.keys()
    lines = text.splitlines()
    for path, line in found.items():
        last = path.rpartition(".")[2]
        if not last.isdigit():
            assert re.search(rf"{re.escape(last)}", lines[line - 1]), path


NAMES = st.text("ab.\"'# é", min_size=1, max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.integers() | st.booleans() | st.text("ab\n\"'#[]{}=, \\", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["x", "y", "z", "u v", 'q"']), VALUES, min_size=1, max_size=5))
def test_keys_of_any_table_are_found_in_their_order(table: dict[str, Any]) -> None:
    """Whatever stands in strings; of keys of one table each line is behind that of the one before, or the same."""
    text = toml_text(table)
    read = tomllib.loads(text)
    assert read == table
    wanted = [path for path, value in paths(read)]
    found = key_lines(text, wanted)
    assert set(found) == set(wanted)
    lines = text.split("\n")
    for name in table:
        quoted = re.escape(name) if " " not in name and '"' not in name else ""
        assert quoted == "" or re.match(rf"\[*{quoted}", lines[found[name] - 1])
