"""`check-preset`: everything that is wrong is named, once, on its line; and nothing that is not."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.lessons.action import Known
from backprop_tui.core.lessons.preset_check import Written, check_preset
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.toml_document import parse
from backprop_tui.core.preset.toml_lines import key_lines
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.tui.cli import main
from backprop_tui.tui.help_pages import known_to_lessons

from ...share import share

Table = dict[str, Any]
KNOWN = Known(("right", "space"), ("Data",), presets.names())
SOUND: Table = {
    "title": "Sound",
    "lesson": "Loss {loss@1}, with ReLU {loss@1 of relu}.\n[on](step:2) [over](variant:relu) [play](key:space)",
    "data": {"kind": "inline", "inputs": [[0.5, 0.8], [0.1, 0.4]], "targets": [[1.0], [0.0]]},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {"kind": "adam", "learning_rate": 0.1, "schedule": {"kind": "step", "step_size": 5}},
    "training": {"batch_size": 1, "stop": {"steps": 10}},
    "view": {"unit": "step"},
    "variants": [
        {"name": "relu", "set": {"layers.0.activation": "relu", "optimizer.learning_rate": 0.2}},
        {"name": "wide", "set": {"layers.0.units": 8}},
    ],
}
WRONG: dict[str, Any] = {
    "tittle": "x",
    "seed": -1,
    "data.kind": "spirall",
    "data.noise": 3.0,
    "layers.0.units": 0,
    "layers.0.weights": [[1.0]],
    "layers.1.activation": "sigmoidd",
    "layers.1.dropoutt": 0.1,
    "loss.kind": "cross_entropy",
    "optimizer.learning_rate": "fast",
    "optimizer.schedule.step_size": 0,
    "training.batch_size": 1.5,
    "training.stop.steps": 0,
    "view.unit": "hour",
    "view.spotlight": "W9[1,1]",
    "view.example": 3,
    "view.hide": ["setings"],
}
"""Values that are wrong each by itself, whatever else is."""
FOUND_WITH_DATA = ("view.example",)
NOT_TOGETHER = ({"layers.0.units", "layers.0.weights"}, {"layers.1.activation", "loss.kind"})
"""Of these one may hide, or be, the other."""


def checked(text: str, base: Path | None = None) -> tuple[list[tuple[int | None, str, str]], str]:
    written = Written(text, parse(text, "mine.toml"), "mine.toml", base, "mine")
    problems, unchecked = check_preset(written, lambda: KNOWN)
    return [(one.line, one.key, one.message) for one in problems], unchecked


def test_a_sound_preset_has_no_problems() -> None:
    assert checked(toml_text(SOUND)) == ([], "")


def test_a_link_to_what_the_preset_itself_hides_is_a_problem() -> None:
    links = "[a](key:d) [b](pane:Data) [c](pane:Data/about) [d](preset:xor) [e](key:right) [f](pane:Loss)"
    table = {**SOUND, "lesson": links, "view": {"hide": ["diagnosis", "data", "open"]}}
    text = toml_text(table)
    problems, unchecked = check_preset(Written(text, table, "mine.toml", None, "mine"), known_to_lessons)
    assert [(one.message.split(":")[1].strip(), one.message.rpartition(": ")[2]) for one in problems] == [
        ("[a](key", "diagnosis"),
        ("[b](pane", "data"),
        ("[c](pane", "data"),
        ("[d](preset", "open"),
    ]
    assert unchecked == ""


@pytest.mark.parametrize("name", share(["tour", "xor", "three-or-eight"], presets.names()))
def test_the_presets_that_come_along_have_none(name: str) -> None:
    text = presets.text(name)
    written = Written(text, parse(text, name), name, presets.folder(), name)
    assert check_preset(written, known_to_lessons) == ([], "")


@settings(max_examples=share(18, 300))
@given(st.sets(st.sampled_from(sorted(WRONG)), min_size=1, max_size=6))
def test_all_that_is_wrong_is_named_on_its_line(chosen: set[str]) -> None:
    table = apply_changes(SOUND, {path: WRONG[path] for path in sorted(chosen)})
    text = toml_text(table)
    found, _ = checked(text)
    lines = key_lines(text, chosen)
    named = {key for _, key, _ in found}
    assert named <= chosen
    for line, key, message in found:
        assert line == lines[key]
        assert message.startswith(f"{key}: ")
    hidden = chosen - named
    stopped = any(key.startswith(("data", "layers")) for key in chosen)
    for key in hidden:
        together = any(key in group and group & named for group in NOT_TOGETHER)
        assert together or (key in FOUND_WITH_DATA and stopped), key


def test_variants_are_checked_each_with_all_that_it_sets() -> None:
    variants = [
        {"name": "a", "set": {"layers.0.activation": "relu", "optimizer.learning_rate": -1, "seed": -3}},
        {"name": "a", "set": {"layers.7.units": 3}},
        {"name": "b", "set": {}},
        {"nam": "c", "set": {"seed": 1}},
    ]
    text = toml_text({**SOUND, "variants": variants, "lesson": ""})
    found, unchecked = checked(text)
    lines = text.splitlines()
    told = [(lines[(line or 0) - 1].partition(" =")[0], message) for line, _, message in found]
    assert ("set", 'variants.0 "a": optimizer.learning_rate: expected a finite number above 0, found -1') in told
    assert ("set", 'variants.0 "a": seed: expected an integer of 0 or more, found -3') in told
    assert ("name", 'variants.1.name: two variants are called "a"; expected different names') in told
    assert any('variants.1: variant "a": "layers.7.units": no layers.7' in message for _, message in told)
    assert any(message.startswith("variants.2.set: expected a table of changes") for _, message in told)
    assert ("nam", 'variants.3.nam: unknown key; did you mean "name"?') in told
    assert unchecked == ""


LESSON = """
{loss@1} {los@1} {W1[9,9]@1}
{loss@x} {loss@1 of nobody} [a](stp:1) [b](https://example.org)
[c](key:nokey) [d](glossary:momentumm) [e](preset:spirall)
[f](variant:none) [g](spotlight:W7[1,1]) [h](op:1/dQ) [i](op:1/dZ2)
"""


def test_every_placeholder_and_link_that_names_nothing_is_told_on_its_line() -> None:
    text = toml_text({**SOUND, "lesson": LESSON})
    found, unchecked = checked(text)
    first = text.splitlines().index('lesson = """') + 2
    told = [((line or 0) - first, message.partition(": ")[2]) for line, key, message in found if key == "lesson"]
    assert len(told) == len(found) == 11
    assert unchecked == ""
    beginnings = [
        (1, "there is no number called {los@1}"),
        (1, "{W1[9,9]@1}: W1 has the shape (2, 2)"),
        (2, "{loss@x}: expected {what@step}"),
        (2, '{loss@1 of nobody}: there is no variant called "nobody"'),
        (2, '[a](stp:1): there is no kind of link called "stp"; did you mean "step"?'),
        (3, '[c](key:nokey): there is no key called "nokey"'),
        (3, '[d](glossary:momentumm): the glossary has no "momentumm"'),
        (3, '[e](preset:spirall): there is no preset called "spirall"; did you mean "spiral"?'),
        (4, '[f](variant:none): there is no variant called "none"'),
        (4, "[g](spotlight:W7[1,1]): W7[1,1]: there is no layer 7"),
        (4, '[h](op:1/dQ): no op is called or writes "dQ"'),
    ]
    for line, beginning in beginnings:
        assert any(at == line and message.startswith(beginning) for at, message in told), beginning


def test_wrong_data_are_told_and_what_that_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("a,b,y\n1,2,0\n3,x?,1\n")
    data = {"kind": "csv", "path": "points.csv", "targets": ["z"], "normalise": True}
    text = toml_text({**SOUND, "data": data, "seed": 1.5})
    found, unchecked = checked(text, tmp_path)
    assert [key for _, key, _ in found] == ["seed", "data.normalise"]
    assert unchecked == "the data and what the lesson says of the run"
    found, unchecked = checked(text.replace("normalise = true\n", "").replace("seed = 1.5\n", ""), tmp_path)
    assert [key for _, key, _ in found] == ["data.path"]
    assert unchecked == "what the lesson says of the run"


def test_what_a_lesson_names_is_told_beside_whatever_else_is_wrong(tmp_path: Path) -> None:
    lesson = "{loss@1 of nobody} {loss@one}\n[a](presset:xor) [b](preset:xorr) [c](key:F99) [back](variant:)\n"
    text = toml_text({**SOUND, "data": {"kind": "xxor"}, "lesson": lesson})
    found, unchecked = checked(text, tmp_path)
    told = [message for _, key, message in found if key == "lesson"]
    wrong = ("nobody", "{loss@one}", "presset", "xorr", "F99")
    assert len(told) == len(wrong)
    assert all(any(word in message for message in told) for word in wrong)
    assert [key for _, key, _ in found if key != "lesson"] == ["data.kind"]
    assert unchecked


def test_the_command_prints_lines_and_json_with_their_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml_text(SOUND))
    assert main(["check-preset", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: nothing is wrong with this preset and its lesson\n"
    path.write_text(toml_text({**SOUND, "seed": -1}))
    line = path.read_text().splitlines().index("seed = -1") + 1
    assert main(["check-preset", str(path)]) == 2
    told = f"{path}:{line}: seed: expected an integer of 0 or more, found -1\n1 problem\n"
    assert capsys.readouterr().out == told
    assert main(["check-preset", str(path), "--json"]) == 2
    assert '"passed": false' in capsys.readouterr().out
    path.write_text("title = 3 =\n")
    assert main(["check-preset", str(path)]) == 2
    assert "line 1" in capsys.readouterr().err


def test_what_would_not_fit_into_memory_is_told_also_of_a_variant() -> None:
    found, unchecked = checked(toml_text(apply_changes(SOUND, {"layers.0.units": 10**15})))
    ((line, _, message),) = found
    assert line is None
    assert message.startswith("this network of 4,000,000,000,000,001 parameters")
    assert unchecked == "what the lesson says of the run"
    wide = [{"name": "wide", "set": {"layers.0.units": 10**15}}]
    text = toml_text({**SOUND, "lesson": "", "variants": wide})
    ((line, key, message),), unchecked = checked(text)
    assert (key, unchecked) == ("variants.0", "")
    assert text.splitlines()[(line or 0) - 1] == "[[variants]]"
    assert message.startswith('variants.0 "wide": this network of')
