"""A class: every student another sheet, its seed on it, its key apart, and the preset that both are of."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

import backprop_tui.core.worked.class_sheets as module
import backprop_tui.core.worked.worksheet as worksheet
from backprop_tui import presets
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.class_sheets import Load, StudentSheet, Task, class_sheets, worked
from backprop_tui.core.worked.document import FORMS, Form, bound, sheet_body, solution_document
from backprop_tui.core.worked.exercise import TooWideError
from backprop_tui.core.worked.page_count import page_count
from backprop_tui.core.worked.sheet_preset import sheet_table
from backprop_tui.core.worked.shorter_sheets import shorter_sheets
from backprop_tui.core.worked.solution import BLANK
from backprop_tui.core.worked.text import solution_text
from backprop_tui.core.worked.worksheet import learns, redrawn

from ...share import share
from .test_worksheet import numbers_of


def loader(name: str, **changes: Any) -> Load:
    table = {**parse(presets.text(name), name), **changes} if name in presets.names() else parse(name, "test")

    def load(seed: int) -> Any:
        return load_preset({**table, "seed": seed}, name, presets.folder(), name)

    return load


def sheets_of(name: str, count: int = 4, task: Task | None = None, seed: int = 1) -> list[StudentSheet]:
    return list(class_sheets(loader(name), [None] * count, seed, task or Task(), "text"))


def some(*choices: list[Any]) -> list[tuple[Any, ...]]:
    """Of all ways to choose one of each list by default half, in which each stands."""
    every = product(*map(enumerate, choices))
    kept = [choice for choice in every if sum(place for place, _ in choice) % share(2, 1) == 0]
    return [tuple(value for _, value in choice) for choice in kept]


TASKS = [Task(), Task(digits=2), Task(step=3), Task(weight="b1[1]", digits=1)]
ALIKE = ["tour", "linear-neuron", "hiker", "verify-2", "gauss", "optimizers", "saturated-neuron"]


@pytest.mark.parametrize(("name", "task"), some(["first-steps", "xor", "by-hand"], TASKS))
def test_no_number_of_a_key_stands_on_a_sheet_unless_given(name: str, task: Task) -> None:
    for student in sheets_of(name, 3, task):
        given, asked = solution_text(student.sheet).split("\nForward pass\n")
        told, answers = solution_text(student.key).split("\nForward pass\n")
        known = numbers_of(given)
        assert numbers_of(told) == known
        assert numbers_of(answers) - known
        assert numbers_of(asked) <= known | {"0.25"}
        assert BLANK in asked
        assert BLANK not in answers


@pytest.mark.parametrize(("name", "digits"), some(ALIKE, [None, 2]))
def test_no_two_sheets_are_alike_whatever_their_weights_start_with(name: str, digits: int | None) -> None:
    students = sheets_of(name, 12, Task(digits=digits))
    assert len({student.sheet.parts for student in students}) == 12
    assert len({student.key.parts for student in students}) == 12
    seeds = [student.seed for student in students]
    assert seeds == sorted(set(seeds))
    assert [student.number for student in students] == list(range(1, 13))


def test_a_sheet_is_that_of_its_seed_alone() -> None:
    first, second, third = sheets_of("by-hand", 3, seed=5)
    preset, dataset = loader("by-hand")(second.seed)
    session = Session(redrawn(preset, dataset), dataset)
    exercise, key = solution_document(session, 1, worksheet=True).split("\nAnswers\n=======\n")
    own = solution_text(second.sheet).splitlines()
    assert own[3] == f"Name: {'_' * 32}   Sheet: 2 of 3   Seed: {second.seed}"
    assert "\n".join([*own[:3], *own[4:]]) == exercise.strip("\n")
    assert solution_text(second.key).endswith(key)
    assert [first.seed, third.seed] == [5, 7]
    (alone,) = sheets_of("by-hand", 1, seed=6)
    assert solution_text(alone.sheet) == solution_text(second.sheet).replace("Sheet: 2 of 3", "Sheet: 1 of 1")


@pytest.mark.parametrize(
    ("name", "task"), [("by-hand", Task()), ("xor", Task(digits=2)), ("tour", Task(step=2)), ("circle", Task())]
)
def test_the_preset_of_a_sheet_is_what_it_is_of(name: str, task: Task) -> None:
    student = sheets_of(name, 2, task)[1]
    preset, dataset = load_preset(parse(toml_text(sheet_table(student.preset)), "sheet"), "sheet")
    key = worked(Session(preset, dataset), Task(task.step), "key")
    assert solution_text(key) == solution_text(replace(student.key, title=key.title, labels=()))
    assert not preset.lesson


def test_the_preset_of_a_sheet_has_each_layer_of_a_repeated_one() -> None:
    """Of these the first skips the residual."""
    preset, dataset = loader("residual")(3)
    preset = replace(preset, layers=tuple(replace(layer, init="zeros") for layer in preset.layers))
    own = redrawn(preset, dataset)
    again, _ = load_preset(sheet_table(own), "residual", presets.folder())
    assert [layer.weights for layer in again.layers] == [layer.weights for layer in own.layers]
    assert [layer.biases for layer in again.layers] == [layer.biases for layer in own.layers]
    assert [layer.residual for layer in again.layers] == [layer.residual for layer in own.layers]
    assert len({layer.residual for layer in again.layers}) == 2


def test_seeds_that_leave_nothing_to_work_out_are_passed_over() -> None:
    """One relu unit, drawn: where it is silent, there is no gradient."""
    dead = """
title = "One unit"
[data]
kind = "inline"
inputs = [[1.0]]
targets = [[1.0]]
[[layers]]
units = 1
activation = "relu"
"""
    students = sheets_of(dead, 6)
    assert all(re.search(r"dW⁽¹⁾₁,₁ = .* = −\d", solution_text(student.key)) for student in students)
    assert [student.seed for student in students] != [1, 2, 3, 4, 5, 6]
    # Where the target is what a silent unit says, none has one, and all are taken as they are.
    assert len(sheets_of(dead.replace("targets = [[1.0]]", "targets = [[0.0]]").replace("[[1.0]]", "[[0.0]]"), 2)) == 2


def test_where_no_more_sheets_can_be_drawn_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one digit a weight has eleven sizes, 0.05 and 0.1 to 1, a bias six, each with either sign."""
    monkeypatch.setattr(module, "MOST_ALIKE", 2)
    with pytest.raises(PresetError, match=r"^only \d+ different sheets can be drawn") as problem:
        sheets_of("tour", 265, Task(digits=1))
    assert 22 < int(re.findall(r"\d+", str(problem.value))[0]) <= 22 * 12


@pytest.mark.parametrize("constant", [False, True])
def test_where_no_draw_leaves_a_gradient_a_sheet_is_still_that_of_its_seed(
    monkeypatch: pytest.MonkeyPatch, constant: bool
) -> None:
    """Batch norm over a single example passes none on; each of fifty draws is tried, of the first seed alone."""
    tried: list[int] = []

    def counted(preset: Any, dataset: Any) -> bool:
        tried.append(preset.seed)
        return learns(preset, dataset)

    monkeypatch.setattr(worksheet, "learns", counted)
    table = parse(presets.text("first-steps"), "first-steps")
    table["layers"][0]["batch_norm"] = True
    if constant:
        for layer in table["layers"]:
            del layer["weights"], layer["biases"]
            layer |= {"init": "constant", "init_scale": 0.5}

    def load(seed: int) -> Any:
        return load_preset({**table, "seed": seed}, "test")

    students = list(class_sheets(load, [None] * 3, 1, Task(), "text"))
    assert tried == [1] * 50
    assert [student.seed for student in students] == [1, 2, 3]
    assert [redrawn(*load(student.seed)).layers for student in students] == [s.preset.layers for s in students]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_sheets_are_bound_one_behind_the_other(form: Form) -> None:
    students = list(class_sheets(loader("tour"), ["Ada", "Łukasz O’Neil", "李雷"], 1, Task(), form))
    bodies = [sheet_body(student.sheet, form) for student in students]
    document = "".join(bound(bodies, form))
    breaks = {"text": "\f", "markdown": "page-break-before", "latex": "\\setcounter{page}{1}"}
    assert document.count(breaks[form]) == (3 if form == "latex" else 2)
    assert document.count("Sheet: 2 of 3") == (2 if form == "latex" else 1)
    name = {"text": "Name: 李雷 ", "markdown": "Name: 李雷 ", "latex": "Name: \\underline{"}[form]
    assert document.count(name) == 1
    assert ("\\L{}ukasz O'Neil" if form == "latex" else "Łukasz O’Neil") in document
    if form == "latex":
        assert document.isascii()
        assert (document.count("\\begin{document}"), document.count("\\end{document}")) == (1, 1)


def test_what_is_too_long_says_how_many_pages_and_what_is_shorter() -> None:
    with pytest.raises(TooWideError, match=r"^a sheet of this would be about 1[0-9][0-9] pages, and 30 of them [345],"):
        list(class_sheets(loader("vanishing"), [None] * 30, 1, Task(), "latex"))

    def load(settings: Any) -> Any:
        table = parse(presets.text("moons"), "moons")
        if settings:
            assert settings == ["training.batch_size=1"]
            table["training"] = {**table["training"], "batch_size": 1}
        return load_preset(table, "moons", presets.folder(), "moons")

    said = shorter_sheets(load, Task(), "latex")
    found = re.fullmatch(
        r"--weight 'W2\[1,1\]' --set training\.batch_size=1 makes it about (\d+) pages, "
        r"or --set training\.batch_size=1 makes it about (\d+) pages",
        said,
    )
    assert found
    sheet = worked(Session(*load(["training.batch_size=1"])), Task(weight="W2[1,1]"), "exercise")
    assert int(found[1]) == page_count(sheet, "latex") < int(found[2])


def test_one_weight_that_takes_more_than_all_of_them_is_left_out() -> None:
    """Line by line the sums of 32 units take more room than as matrices."""

    def load(settings: Any) -> Any:
        table = parse(presets.text("overfitting"), "overfitting")
        table["training"] = {**table["training"], "batch_size": 1}
        assert not settings
        return load_preset(table, "overfitting", presets.folder(), "overfitting")

    found = re.fullmatch(
        r"leaving out --weight makes it about (\d+) pages", shorter_sheets(load, Task(weight="W1[1,1]"), "latex")
    )
    assert found
    assert int(found[1]) == page_count(worked(Session(*load([])), Task(), "exercise"), "latex")


def test_what_is_given_of_one_weight_is_whole_matrices_where_all_of_them_is() -> None:
    """To change W1[1,2] takes all weights of xor, and of two inputs both."""
    text = solution_text(sheets_of("xor", 1, Task(weight="W1[1,2]", digits=2))[0].sheet)
    given = text.split("\nGiven\n")[1].split("\nForward pass\n")[0]
    assert re.findall(r"^  (\S+) = \[", given, re.MULTILINE) == [
        "X",
        "Y",
        "W⁽¹⁾",
        "b⁽¹⁾",
        "W⁽²⁾",
        "b⁽²⁾",
    ]
    assert re.findall(r"^  (\S+) = [^[]", given, re.MULTILINE) == ["η"]
    key = worked(Session(*loader("xor")(1)), Task(weight="W1[1,2]"), "solution")
    assert not key.parts[0].sections[0].matrices


@pytest.fixture(scope="module")
def solution() -> Callable[[str], Any]:
    return lambda name: worked(Session(*loader(name)(0)), Task(), "exercise")


def test_pages_are_about_as_many_as_latex_makes(solution: Any) -> None:
    """As pdflatex has set them: 4, 9, 27, 155 pages."""
    for name, pages in {"first-steps": 4, "by-hand": 9, "moons": 27, "vanishing": 155}.items():
        assert page_count(solution(name), "latex") == pytest.approx(pages, rel=0.25)
    lines = solution_text(solution("moons")).splitlines()
    assert page_count(solution("moons"), "text") >= len(lines) / 60
