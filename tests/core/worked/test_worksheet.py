"""Worksheets: what is given has numbers, what is to be found has none, and the key has them all."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.network.affine import transposed
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Sum
from backprop_tui.core.ops.quantity import SUBSCRIPTS
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.run_spotlight import own_spotlight
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.worked.document import Form, solution_document
from backprop_tui.core.worked.latex import matrix_latex
from backprop_tui.core.worked.latex_notation import BLANK as LATEX_BLANK
from backprop_tui.core.worked.solution import AFTER, BLANK, Matrix, WorkedSolution
from backprop_tui.core.worked.solution_reader import is_given
from backprop_tui.core.worked.step_json import explain_json
from backprop_tui.core.worked.step_solution import worked_solution
from backprop_tui.core.worked.text import form as in_text
from backprop_tui.core.worked.worksheet import redrawn

from ...share import share

NUMBER = re.compile(r"(?<![\w.⁽₀-₉])\d+(?:\.\d+)?(?:e[-−+]?\d+| \\times 10\^\{-?\d+\})?(?![\w⁾])")
ANSWERS = {"text": "\nAnswers\n=======\n", "markdown": "\n## Answers\n", "latex": "\\section*{Answers}\n"}


def parted(document: str, form: Form) -> tuple[str, str]:
    """The exercise and the key."""
    exercise, key = document.split(ANSWERS[form])
    return exercise, key


def everything(network_table: Any) -> Any:
    return network_table(
        "relu",
        "softmax",
        "cross_entropy",
        batch=3,
        batch_norm=True,
        dropout=0.3,
        optimizer={"kind": "adam", "clip_norm": 0.1, "l2": 0.01},
    )


def scheduled(network_table: Any) -> Any:
    """A rate that has come down from a warm-up, to numbers of many digits, and AdamW's decay by it."""
    schedule = {"kind": "step", "step_size": 1, "gamma": 0.717, "warm_up": 1, "start_factor": 0.2345}
    rates = {"kind": "adamw", "learning_rate": 0.3579, "weight_decay": 0.0123, "schedule": schedule}
    return network_table("tanh", "sigmoid", "binary_cross_entropy", batch=2, optimizer=rates)


TABLES = {"everything": everything, "scheduled": scheduled}


def numbers_of(text: str) -> set[str]:
    """The numbers of three digits or more: shorter ones are indices, and in the fixed words of rules."""
    return {found for found in NUMBER.findall(text) if len(re.sub(r"\D", "", found)) > 2}


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
@pytest.mark.parametrize("name", ["first-steps", "by-hand", "xor", "everything", "scheduled"])
@pytest.mark.parametrize(("derive", "step"), share([(False, 2), (True, 1)], [*product([False, True], [1, 2])]))
def test_no_number_of_the_key_stands_in_the_exercise_unless_given(
    session_of: Any, network_table: Any, form: Form, name: str, derive: bool, step: int
) -> None:
    session = session_of(TABLES[name](network_table) if name in TABLES else name)
    exercise, key = parted(solution_document(session, step, form=form, derive=derive, worksheet=True), form)
    start = {"text": "\nForward pass\n", "markdown": "\n## Forward pass", "latex": "section*{Forward pass}"}[form]
    given, task = exercise.split(start)
    known = numbers_of(given)
    assert numbers_of(key) - known
    # Fixed in the words of rules: the greatest slope of the sigmoid.
    assert numbers_of(task) <= known | {"0.25"}
    assert (BLANK if form == "text" else LATEX_BLANK) in task
    assert BLANK not in key
    assert LATEX_BLANK not in key


def leaves(expression: Expression | None) -> list[Constant]:
    match expression:
        case None:
            return []
        case Constant():
            return [expression]
        case Product(parts) | Sum(parts) | Apply(_, _, parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Quotient(above, below):
            return leaves(above) + leaves(below)
        case Negative(inner):
            return leaves(inner)
    raise AssertionError(expression)


def shown(solution: WorkedSolution) -> set[str]:
    """Every number that the parts after the first print, without the exact ones such as 1/m."""
    found: set[str] = set()
    for part in solution.parts[1:]:
        for section in part.sections:
            for line in section.lines:
                found |= {leaf.numbers(in_text) for leaf in leaves(line.expression) if leaf.exact in (None, BLANK)}
                found.add(in_text(line.value))
            found |= {in_text(value) for matrix in section.matrices for row in matrix.rows for value in row}
            found |= {in_text(x) for extent in section.extents for x in (extent.low, extent.high, extent.norm)}
    return found - {BLANK}


@pytest.mark.parametrize("name", ["first-steps", "by-hand", "xor", "spiral", "everything", "scheduled"])
def test_only_what_is_given_is_shown(session_of: Any, network_table: Any, name: str) -> None:
    session = session_of(TABLES[name](network_table) if name in TABLES else name)
    spotlight = own_spotlight(session)
    exercise = worked_solution(session, 2, spotlight, "exercise")
    plan = session.plan
    known = {in_text(value) for symbol in ("X", "Y") for value in plan[symbol, None].array.ravel().tolist()}
    known |= {in_text(value) for value in session.trainer.state.vectors.ravel().tolist()}
    known |= {in_text(value) for (symbol, _), q in plan.quantities.items() if symbol == "M" for value in q.array.flat}
    optimizer = session.preset.optimizer
    known |= {in_text(getattr(optimizer, key)) for key in ("learning_rate", "beta1", "beta2", "epsilon", "l2")}
    known |= {in_text(optimizer.clip_norm or 0.0), in_text(1e-5), in_text(0.7)}
    schedule = optimizer.schedule
    known |= {in_text(number) for number in (schedule.gamma, schedule.start_factor, optimizer.weight_decay)}
    assert shown(exercise) <= known
    assert not shown(worked_solution(session, 2, spotlight)) <= known


def names_of(expression: Expression | None) -> Iterator[str]:
    """The names of the leaves that stand for an entry or for something worked out."""
    return (leaf.symbol for leaf in leaves(expression) if leaf.exact in (None, BLANK))


def places(matrix: Matrix, plan: Plan) -> Iterator[tuple[str, float | None]]:
    """Name and number of each entry of a matrix."""
    for quantity in plan.quantities.values():
        if matrix.name not in (quantity.name, transposed(quantity)):
            continue
        array = np.array(matrix.rows, object)
        array = array.T if matrix.name != quantity.name else array
        yield from (
            (quantity.entry(i), array.reshape(quantity.array.shape)[i]) for i in np.ndindex(quantity.array.shape)
        )


def wide(network_table: Any) -> Any:
    """Weights, sums and a gradient's norm too long to be written down whole, under momentum."""
    return network_table(
        "tanh",
        "softmax",
        "cross_entropy",
        batch=2,
        optimizer={"kind": "momentum", "clip_norm": 0.1, "l2": 0.01},
    ) | {"layers": [{"units": n, "activation": "tanh"} for n in (70, 6)] + [{"units": 3, "activation": "softmax"}]}


@pytest.mark.parametrize(
    "name", ["first-steps", "xor", "spiral", "overfitting", "wide", *share([], ["vanishing", "sine"])]
)
def test_all_that_an_exercise_line_is_made_of_stands_on_the_sheet(
    session_of: Any, network_table: Any, name: str
) -> None:
    session = session_of(wide(network_table) if name == "wide" else name)
    spotlight = own_spotlight(session)
    exercise, key = (worked_solution(session, 2, spotlight, role) for role in ("exercise", "key"))
    plan = session.plan
    numbers: dict[str, float | None] = {}
    asked: set[str] = set()
    for part in exercise.parts:
        for section in part.sections:
            assert section.extents == ()
            found = {line.name: line.value for line in section.lines}
            found |= {name: value for matrix in section.matrices for name, value in places(matrix, plan)}
            numbers |= found
    for part in exercise.parts[1:]:
        for line in (line for section in part.sections for line in section.lines):
            asked |= set(names_of(line.expression))
            assert "more]" not in "".join(names_of(line.expression))
    entries = {quantity.entry(index): is_given(plan, quantity) for quantity in plan.quantities.values()
               for index in np.ndindex(quantity.array.shape)}  # fmt: skip
    for entry in asked & entries.keys():
        assert (numbers[entry] is not None) == entries[entry], entry
    # Whatever an entry on the sheet is made of is there as well: it can be worked out from what is given alone.
    for quantity in plan.quantities.values():
        op = plan.writer(quantity)
        for index in np.ndindex(quantity.array.shape):
            if quantity.entry(index) in numbers and op is not None and not is_given(plan, quantity):
                for reference in op.explain(quantity, index).references():
                    assert reference.symbols() in numbers, (quantity.entry(index), reference.symbols())
    # The key has the same lines and matrices, with every number.
    for blank, full in zip(exercise.parts, key.parts, strict=True):
        for one, other in zip(blank.sections, full.sections, strict=True):
            assert [line.name for line in one.lines] == [line.name for line in other.lines]
            assert [matrix.name for matrix in one.matrices] == [matrix.name for matrix in other.matrices]
            assert all(line.value is not None for line in other.lines)
            assert None not in [value for matrix in other.matrices for row in matrix.rows for value in row]


def test_a_sum_on_a_sheet_is_in_the_order_of_its_indices(session_of: Any, network_table: Any) -> None:
    sheet = solution_document(session_of("overfitting"), 1, worksheet=True)
    terms = " + ".join(
        f"W⁽²⁾₁,{str(k).translate(SUBSCRIPTS)} · A⁽¹⁾{str(k).translate(SUBSCRIPTS)},₁" for k in range(1, 33)
    )
    assert sheet.count(f"  Z⁽²⁾₁,₁ = {terms} + b⁽²⁾₁ = ") == 2
    assert "more]" not in sheet
    sheet = solution_document(session_of(wide(network_table)), 1, worksheet=True)
    assert "W⁽²⁾₁,₈ · A⁽¹⁾₈,₁ + … + b⁽²⁾₁ = " in sheet
    assert "W⁽²⁾₁,₉ ·" not in sheet
    exercise, key = parted(sheet, "text")
    assert "‖p‖ = ______" in exercise
    assert "‖p‖ = √(Σ p²) = √(" in key
    assert "more]" not in sheet


def test_a_worksheet_without_every_change_does_not_ask_for_the_loss_that_they_lead_to(session_of: Any) -> None:
    assert AFTER not in solution_document(session_of("overfitting"), 1, worksheet=True)
    assert AFTER in solution_document(session_of("overfitting"), 1)
    assert solution_document(session_of("sine"), 1, worksheet=True).count(AFTER) == 2
    assert AFTER not in solution_document(session_of("xor"), 1, derive=True, worksheet=True)


@pytest.mark.parametrize(
    ("name", "derive", "why"),
    [
        ("digits", False, "more than 2000 numbers"),
        ("digits-8x8", False, "more than 2000 numbers"),
        ("initialization", False, "more than 20000 numbers.*training.batch_size=1"),
        ("vanishing", True, "W⁽¹⁾₁,₁ alone takes more than 400 lines; leave out --weight"),
    ],
)
def test_a_network_too_wide_for_a_worksheet_is_refused(session_of: Any, name: str, derive: bool, why: str) -> None:
    with pytest.raises(PresetError, match=f"too wide for a worksheet: .*{why}"):
        solution_document(session_of(name), 1, derive=derive, worksheet=True)
    assert solution_document(session_of(name), 1, derive=derive)


def test_a_matrix_with_more_rows_than_a_page_is_parted() -> None:
    matrix = Matrix("W⁽²⁾", tuple((1.0, 2.0) for _ in range(40)))
    assert [re.findall(r"rows \d+ to \d+", part) for part in matrix_latex(matrix)] == [
        ["rows 1 to 32"],
        ["rows 33 to 40"],
    ]


def test_a_slope_that_the_sign_decides_is_no_hint(session_of: Any) -> None:
    session = session_of("by-hand")
    exercise = solution_document(session, 1, worksheet=True).split("\nAnswers\n")[0]
    for line in exercise.splitlines():
        if line.startswith("  relu′("):
            assert line.endswith(BLANK)
            assert not re.search(r"= [01]\b", line)


def test_the_sheet_of_the_second_step_starts_from_its_own_parameters(session_of: Any) -> None:
    session = session_of("first-steps")
    exercise, _ = parted(solution_document(session, 2, worksheet=True), "text")
    assert "  W⁽¹⁾ = [ 0.150943049  0.251508879 ]" in exercise
    assert "= 0.150943049 · 0.5 + 0.251508879 · 0.8 + 0.351886099 = ______" in exercise


def test_json_has_no_blanks(session_of: Any) -> None:
    with pytest.raises(ValueError, match="text, markdown or latex"):
        solution_document(session_of("first-steps"), 1, form="json", worksheet=True)


def test_each_seed_draws_start_weights_that_can_be_copied(session_of: Any) -> None:
    session = session_of("first-steps")
    preset, dataset = session.preset, session.dataset
    sheets = set()
    for seed in range(20):
        own = redrawn(replace(preset, seed=seed), dataset)
        assert own == redrawn(replace(preset, seed=seed), dataset)
        drawn: list[float] = []
        for layer, before in zip(own.layers, preset.layers, strict=True):
            assert layer.weights is not None
            assert before.weights is not None
            assert layer.biases is not None
            assert [len(row) for row in layer.weights] == [len(row) for row in before.weights]
            drawn += [value for row in layer.weights for value in row] + list(layer.biases)
        assert all(0 < abs(value) <= 1 for value in drawn)
        assert all(re.fullmatch(r"-?[01]\.\d\d?", repr(value)) for value in drawn)
        sheets.add(own.layers)
    assert len(sheets) == 20


def test_what_is_drawn_anyway_stays_with_the_initialization(session_of: Any) -> None:
    session = session_of("xor")
    assert redrawn(session.preset, session.dataset) == session.preset


def test_what_no_seed_changes_is_drawn_too(session_of: Any) -> None:
    """Weights that all start at one number, and those with a seed of their own."""
    changes = {"layers.0.init": "zeros", "layers.1.init": "constant", "layers.1.init_scale": 0.5, "training.seed": 3}
    session = session_of("xor", changes=changes)
    own, other = (redrawn(replace(session.preset, seed=seed), session.dataset) for seed in (1, 2))
    assert own.layers != other.layers
    assert own.run_seed == 1
    for layer, before in zip(own.layers, session.preset.layers, strict=True):
        assert layer.weights is not None
        assert (len(layer.weights), layer.biases is not None) == (before.units, True)
    trainer = type(session)(own, session.dataset).trainer
    assert trainer.layers[0].weights(trainer.state.parameters).tolist() == [
        list(row) for row in own.layers[0].weights or ()
    ]


def test_no_sheet_has_a_layer_without_a_gradient(session_of: Any) -> None:
    session = session_of("by-hand")
    for seed in range(40):
        own = type(session)(redrawn(replace(session.preset, seed=seed), session.dataset), session.dataset)
        document = explain_json(own, 1)
        assert all(np.any(entry["dW"]) for entry in document["backward"])


@pytest.mark.parametrize("worksheet", [False, True])
def test_the_norm_of_gradients_beyond_the_square_root_of_all_numbers_is_worked_out(
    session_of: Any, network_table: Any, worksheet: bool
) -> None:
    table = network_table("tanh", "identity", "mean_squared_error", optimizer={"kind": "sgd", "clip_norm": 1.0})
    table["data"] = {"kind": "inline", "inputs": [[1.0, 2.0]], "targets": [[1e250, 0.0, -1e250]]}
    table["layers"] = [{"units": 12, "activation": "tanh"}, {"units": 3, "activation": "identity"}]
    assert "‖p‖" in solution_document(session_of(table), 1, worksheet=worksheet)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", "ηₖ = η · γ^⌊(k − 1 − n) / s⌋ = 0.3579 · 0.717^⌊(3 − 1 − 1) / 1⌋ = "),
        ("markdown", "\\eta \\cdot \\gamma^{\\lfloor \\frac{k - 1 - n}{s} \\rfloor}"),
        ("latex", "= 0.3579 \\cdot 0.717^{\\lfloor \\frac{3 - 1 - 1}{1} \\rfloor} = "),
    ],
)
def test_the_rate_of_the_step_is_asked_for_with_its_formula_and_its_settings_given(
    session_of: Any, network_table: Any, form: Form, told: str
) -> None:
    """In step 3, by hand: 0.3579 · 0.717 = 0.2566143."""
    document = solution_document(session_of(scheduled(network_table)), 3, form=form, worksheet=True)
    exercise, key = parted(document, form)
    assert told in exercise
    assert told in key
    assert "0.2566143" in key
    assert "0.2566143" not in exercise


def test_json_has_the_rate_of_the_step(session_of: Any, network_table: Any) -> None:
    update = explain_json(session_of(scheduled(network_table)), 3)["update"]
    assert [layer["learning_rate"] for layer in update] == pytest.approx([0.2566143] * len(update), rel=1e-14)
