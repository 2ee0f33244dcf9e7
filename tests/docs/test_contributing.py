"""What CONTRIBUTING.md names is there: files, commands, tables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_file_that_it_names_is_there() -> None:
    named = re.findall(r"`(?:python |bash |pytest -n 0 )?((?:core|tui|tests|docs|presets|\.ci|\.pkg)/[\w./*-]+)", PAGE)
    made = {"presets/mine.toml"}
    assert len(named) > 30
    assert [name for name in named if name not in made and not list(ROOT.glob(name))] == []
    modules = re.findall(r"python -m (tests[\w.]+)", PAGE)
    assert len(modules) > 3
    for module in modules:
        place = ROOT.joinpath(*module.split("."))
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("core/network/activations.py", "ACTIVATIONS"),
        ("core/preset/tables.py", "ACTIVATIONS"),
        ("core/preset/tables.py", "LayerPreset"),
        ("core/network/network.py", "parts"),
        ("core/diagnosis/causes.py", "CAUSES"),
        ("core/diagnosis/remedies.py", "REMEDIES"),
        ("core/diagnosis/value_name.py", "VALUE_NAMES"),
        ("tui/panes/finding_place.py", "SHOWN_BY"),
    ],
)
def test_every_table_that_it_names_is_where_it_says(file: str, name: str) -> None:
    assert f"`{name}`" in PAGE
    assert f"`{Path(file).name}`" in PAGE or f"`{file}`" in PAGE
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:class |def |){name}\b", text, re.MULTILINE)


def test_every_issue_form_asks_for_something() -> None:
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert {form.stem for form in forms} == {"config", "fault", "speed", "wish"}
    for form in forms:
        text = form.read_text(encoding="utf-8")
        if form.stem != "config":
            assert re.match(r"name: .+\ndescription: .+\nlabels: \[\w+\]\nbody:\n", text), form
            ids = re.findall(r"^    id: (\w+)$", text, re.MULTILINE)
            assert len(ids) == len(set(ids)) == len(re.findall(r"^      label: \S", text, re.MULTILINE)), form
            assert "      required: true" in text
