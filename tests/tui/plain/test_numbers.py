"""Every number of a step can be read from its text, under its name, and is that of the plan's arrays."""

import re

import numpy as np
import pytest

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.symbols import ascii_symbols
from backprop_tui.tui.plain.said import WHOLE

from .talk import Talk

DIGITS = 5.1e-6
"""Six significant digits: half a unit of the last, of numbers that begin with 1, and a little."""
CELL = re.compile(r"(?P<name>[^=]+?) = (?:.* = )?(?P<value>[−-]?(?:[0-9.]+(?:e[−+-]?[0-9]+)?|inf)|nan)$")


def read(lines: list[str]) -> dict[str, float]:
    """The numbers of an answer by their names as they are typed."""
    found: dict[str, float] = {}
    for line in lines:
        cell = CELL.match(line)
        if cell is not None:
            found[cell["name"]] = float(cell["value"].replace("−", "-"))
    return found


def wrong(session: Session, told: dict[str, float], quantities: object) -> list[str]:
    """The entries that were not told, or told otherwise than the plan has them."""
    missing = []
    for quantity in quantities:  # type: ignore[attr-defined]
        for index in np.ndindex(quantity.array.shape):
            value = told.get(quantity.entry(index))
            if value is None or not np.isclose(value, quantity.value(index), rtol=DIGITS, atol=0, equal_nan=True):
                missing.append(f"{quantity.entry(index)}: {value}, {quantity.value(index)}")
    return missing


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("first-steps", ()),
        ("by-hand", ()),
        ("xor", ("layers.0.units=3", "optimizer.kind=adam", "optimizer.clip_norm=0.1", "layers.0.dropout=0.3")),
        ("linear-neuron", ("optimizer.kind=momentum", "loss.kind=mean_squared_error")),
        ("moons", ("training.batch_size=3", "layers.0.units=4", "layers.0.batch_norm=true", "training.dtype=float32")),
    ],
)
def test_every_number_of_a_step_is_told_and_right(preset: str, settings: tuple[str, ...]) -> None:
    """Op by op through the second step: whatever an op writes is told entry by entry right behind it."""
    talk = Talk(preset, settings)
    talk("step 1", "op")
    for op in talk.session.plan.ops:
        told = read(talk.lines("right"))
        assert talk.session.op is not None
        assert talk.session.op.name == op.name
        small = [quantity for quantity in talk.session.op.writes if quantity.array.size <= WHOLE]
        # Each of an array alone, and the parameter that is followed with its new value.
        singles = [quantity for quantity in small if quantity.array.size > 1]
        assert not wrong(talk.session, told, singles)
        result = talk.session.op.writes[0]
        if result.array.size == 1:
            assert not wrong(talk.session, told, [result])


@pytest.mark.parametrize("preset", ["first-steps", "by-hand", "schedule"])
def test_every_quantity_can_be_asked_for_by_its_name(preset: str) -> None:
    talk = Talk(preset)
    talk("step 1", "op", f"right {len(talk.session.plan.ops)}")
    session = talk.session
    assert not session.position.finished
    for quantity in list(session.plan.quantities.values()):
        told = read(talk.lines(f"all {quantity.typed()}"))
        assert not wrong(session, told, [quantity])


def test_one_entry_of_a_large_array_has_its_arithmetic_and_its_origin() -> None:
    talk = Talk("digits", ["layers.0.units=12"])
    blank = talk("dW2[3,5]")
    assert blank.startswith("dW⁽²⁾₃,₅ is not computed yet in this step: backward, layer 2 of 2, dW db (op ")
    talk("phase", "right 3")
    answer = talk.lines("dW2[3,5]")
    assert answer[0].startswith("dW⁽²⁾₃,₅ = 1/m · (")
    assert read(answer)["dW⁽²⁾₃,₅"] == pytest.approx(talk.session.plan["dW", 2].value((2, 4)), rel=DIGITS)
    # Type dW2 for its entries, says the op; of so many the first are told, and how to have all.
    told = talk.lines("dW1")
    assert told[-1] == f"{12 * 784 - WHOLE:,} more entries; type all dW1 for every one."
    assert len(read(talk.lines("all dW1"))) == 12 * 784


def test_names_are_ascii_where_that_is_asked_for() -> None:
    talk = Talk("first-steps")
    talk("right 3")
    line = next(line for line in talk.lines("dW2[1,2]") if "not computed" in line)
    assert ascii_symbols(line).startswith("dW2[1,2] is not computed yet")


def test_a_name_is_read_as_it_is_told_too() -> None:
    """With its signs, and as `--ascii` tells it."""
    talk = Talk("first-steps")
    talk("op", "right 13")
    session = talk.session
    for quantity in list(session.plan.quantities.values()):
        index = (0,) * quantity.array.ndim
        name = quantity.entry(index)
        for typed in (name, ascii_symbols(name)) if index else ():
            assert any(line.startswith(f"{name} = ") for line in talk.lines(typed)), typed
        # E is a key of the screen.
        asked = quantity.name if quantity.name != "E" else "all E"
        assert talk.lines(asked)[0].startswith(f"{quantity.name} is ")
    assert talk("delta W2[1,1]") == talk("ΔW⁽²⁾₁,₁") == talk("ΔW2[1,1]")
    assert talk.lines("what if W⁽²⁾₁,₁ = 0.5")[1].startswith("With W2[1,1] = 0.5")
    talk("step 0", "W⁽²⁾₁,₁ = −0.5")
    assert talk.session.plan["W", 2].value((0, 0)) == -0.5


def test_a_parameter_comes_into_the_spotlight_and_another_number_does_not() -> None:
    talk = Talk("first-steps")
    assert talk.lines("W2[1,2]")[:2] == ["In the spotlight: W⁽²⁾₁,₂, and example 1 of 1.", "W⁽²⁾₁,₂ = 0.5"]
    assert talk.lines("spotlight right")[1] == "b⁽²⁾₁ = 0.6"
    talk("right")
    assert talk("Z1[2,1]") == "Z⁽¹⁾₂,₁ = W⁽¹⁾₂,₁ · X₁,₁ + W⁽¹⁾₂,₂ · X₂,₁ + b⁽¹⁾₂ = 0.2 · 0.5 + 0.3 · 0.8 + 0.35 = 0.69"
    assert talk.lines("spotlight")[1] == "b⁽²⁾₁ = 0.6"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("W9[1,1]", "the network has layers 1 to 2"),
        ("W1[3,1]", "W1"),
        ("A1[1,9]", "A1 is 2 by 1, and has no [1,9]."),
        ("Q1[1,1]", "There is no number called Q1[1,1]"),
        ("all nothing", "Expected a quantity such as dW1"),
        ("spotlight sideways", "Expected up, down, left, right or a parameter"),
        ("example 7", "Expected an example from 1 to 1"),
    ],
)
def test_a_number_that_there_is_not_is_told_so(typed: str, said: str) -> None:
    assert said in Talk("first-steps")(typed)
