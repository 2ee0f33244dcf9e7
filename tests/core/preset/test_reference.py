"""The reference of the preset format: every key that is read, with an example that loads."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from backprop_tui.core.preset.preset import from_table, load_preset
from backprop_tui.core.preset.reference import EXAMPLE, preset_page
from backprop_tui.core.preset.schema import TABLES, WANTED, Place, PresetError
from backprop_tui.core.preset.setting_paths import keys_of
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import Preset

PAGE = Path(__file__).parents[3] / "docs" / "preset.md"
BASE: dict[str, Any] = {
    "title": "Two inputs",
    "data": {"kind": "inline", "inputs": [[0.5, 0.8], [0.1, 0.4]], "targets": [[1.0], [0.0]]},
    "layers": [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "identity"}],
    "optimizer": {"learning_rate": 0.1},
}
OF_FILES = ("path", "test", "start")
"""Keys whose examples name a file that is not there."""


def declared(table: type[Any] = Preset, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its dotted path; the first table stands for all of a list."""
    for item in keys_of(table):
        inner, here = TABLES.get(item.metadata["reader"]), f"{path}{item.name}"
        yield here, item
        if inner is not None:
            several = WANTED[item.metadata["reader"]].startswith("list")
            yield from declared(inner, f"{here}.0." if several else f"{here}.")


KEYS = dict(declared())


def test_every_key_is_named_with_its_meaning() -> None:
    page = preset_page()
    for path, item in KEYS.items():
        assert f"- `{item.name}`: " in page, path
        assert item.metadata["meaning"], path
        assert item.metadata["reader"] in WANTED, path
        assert item.metadata["reader"] in TABLES or item.metadata["example"] is not None, path
    headings = [path for path, item in KEYS.items() if item.metadata["reader"] in TABLES]
    assert page.count("\n## `[") == len(headings)


@pytest.mark.parametrize("path", [path for path, item in KEYS.items() if item.metadata["example"] is not None])
def test_every_example_loads(path: str) -> None:
    """In a preset of two inputs and two hidden units, and without an error that it brings."""
    table = {**BASE, "variants": [{"name": "other", "set": {"seed": 1}}]} if path.startswith("variants.") else BASE
    if path == "data.normalize_targets":
        table = apply_changes(table, {"data.targets": [[0.7], [0.2]]})
    if path == "data.classes":
        table = apply_changes(table, {"data.targets": ["no", "yes"], "layers.1.activation": "sigmoid"})
    if path == "data.playground_seed":
        table = {**table, "data": {"kind": "xor"}}
    value = KEYS[path].metadata["example"]
    found = KEYS[path].metadata["reader"](value, Place("example") / path)
    assert found != KEYS[path].default
    changed = apply_changes(table, {path: value})
    preset = from_table(changed, "example")
    if not path.endswith(OF_FILES) and path != "data.kind":
        load_preset(changed, "example")
    assert preset.table == changed


def test_every_example_stands_on_the_page_as_toml() -> None:
    found = re.findall(r"Example: `(\w+) = (.*)`$", preset_page(), re.MULTILINE)
    wanted = [(item.name, item.metadata["example"]) for item in KEYS.values() if item.metadata["example"] is not None]
    assert sorted((name, tomllib.loads(f"x = {text}")["x"]) for name, text in found if name == "units") == [
        ("units", 4)
    ]
    assert len(found) == len(wanted)
    for name, text in found:
        assert (name, tomllib.loads(f"x = {text}")["x"]) in wanted


def test_the_whole_example_loads() -> None:
    load_preset(tomllib.loads(EXAMPLE), "example")


def test_the_page_in_docs_is_that_of_the_tables() -> None:
    """Written anew with `backprop-tui help preset > docs/preset.md`."""
    assert PAGE.read_text(encoding="utf-8") == preset_page() + "\n"


def test_no_value_that_is_read_makes_a_reader() -> None:
    """What is known of readers is kept as long as the program runs, so they are made with their modules alone."""
    known, read = len(WANTED), 0
    for _, item in declared():
        for value in (item.metadata["example"], 1, "a", [1], ["a"], [[1.0, 2.0, 3.0]]):
            with suppress(PresetError):
                item.metadata["reader"](value, Place("example"))
                read += 1
    assert read > 100
    assert len(WANTED) == known
