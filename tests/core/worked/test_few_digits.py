"""Numbers of few significant digits: a batch, start parameters and settings that can be worked with by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import ACTIVATIONS, OPTIMIZERS, SCHEDULES
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.class_sheets import Task, worked
from backprop_tui.core.worked.few_digits import (
    few_digits,
    few_digits_table,
    is_short,
    rounded,
    rounded_number,
    shares,
    short,
    short_dropout,
)
from backprop_tui.core.worked.solution import Section, WorkedSolution
from backprop_tui.core.worked.text import form

from ...share import share


def significant(value: float) -> int:
    """The significant digits of a number as a worksheet prints it."""
    digits = form(value).lstrip("−").partition("e")[0]
    whole = digits if "." in digits else digits.rstrip("0")
    return len(whole.replace(".", "").lstrip("0"))


def given_numbers(solution: WorkedSolution) -> list[float]:
    sections: tuple[Section, ...] = solution.parts[0].sections
    lines = [line.value for section in sections for line in section.lines]
    entries = [value for section in sections for matrix in section.matrices for row in matrix.rows for value in row]
    found = lines + entries
    assert None not in found
    return [value for value in found if value is not None]


def everything(network_table: Any) -> Any:
    """Every setting that has a number of three digits or more."""
    schedule = {"kind": "step", "step_size": 125, "gamma": 0.717, "warm_up": 123, "start_factor": 0.2345}
    rates = {"kind": "adamw", "learning_rate": 0.3579, "weight_decay": 0.0123, "l1": 0.00111, "schedule": schedule}
    table = network_table(
        "leaky_relu", "softmax", "cross_entropy", batch=3, batch_norm=True, dropout=0.3, optimizer=rates
    )
    table["layers"][0]["slope"] = 0.0123
    table["training"]["dtype"] = "float32"
    return table


@pytest.mark.parametrize("digits", [1, 3])
@pytest.mark.parametrize("name", ["first-steps", "by-hand", "xor", "circle", "schedule", "everything"])
def test_every_given_number_has_so_many_digits_at_the_most(
    session_of: Any, network_table: Any, name: str, digits: int
) -> None:
    before = session_of(everything(network_table) if name == "everything" else name)
    session = Session(*few_digits(before.preset, before.dataset, digits))
    sheet = worked(session, Task(), "exercise")
    assert max(map(significant, given_numbers(sheet))) <= digits
    if name in ("xor", "everything"):
        assert max(map(significant, given_numbers(worked(before, Task(), "exercise")))) > digits


@pytest.mark.parametrize("name", ["first-steps", "circle", "multigauss", "overfitting", "digits-8x8", "sine", "hiker"])
def test_the_batch_and_the_start_parameters_are_the_first_steps_own_rounded(session_of: Any, name: str) -> None:
    before = session_of(name)
    preset, dataset = few_digits(before.preset, before.dataset, 3)
    after = Session(preset, dataset)
    for mine, own in zip(after.trainer.batch_of(1), before.trainer.batch_of(1), strict=True):
        np.testing.assert_allclose(mine, own, rtol=0.005, atol=5e-4)
        assert mine.shape == own.shape
    np.testing.assert_array_equal(after.trainer.state.parameters, rounded(before.trainer.state.parameters, 3))
    assert preset.training.dtype == "float64"
    assert preset.title == before.preset.title


def test_what_is_short_already_stays_as_it_is(session_of: Any) -> None:
    before = session_of("first-steps")
    session = Session(*few_digits(before.preset, before.dataset, 2))
    assert worked(session, Task(), "key").parts == worked(before, Task(), "key").parts


@settings(
    max_examples=share(10, 300),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_a_step_is_of_its_given_numbers_are_short(network_table: Any, data: st.DataObject) -> None:
    """Any activation, loss and optimizer, with settings of five digits, and batch norm, masks and what there is."""
    rates = st.floats(0.00123, 0.99876).map(lambda value: round(value, 5))
    names = ("weight_decay", "l1", "l2", "clip_norm", "clip_value", "momentum", "beta", "beta1", "beta2")
    schedule = {"kind": data.draw(st.sampled_from(SCHEDULES)), "warm_up": data.draw(st.sampled_from([0, 3, 137]))}
    schedule |= {"gamma": data.draw(rates), "eta_min": data.draw(rates), "t_max": 123, "start_factor": data.draw(rates)}
    optimizer = {name: data.draw(rates) for name in data.draw(st.sets(st.sampled_from(names)))}
    optimizer |= {
        "kind": data.draw(st.sampled_from(OPTIMIZERS)),
        "learning_rate": data.draw(rates),
        "schedule": schedule,
    }
    output, loss = data.draw(st.sampled_from([("softmax", "cross_entropy"), ("tanh", "mean_squared_error")]))
    table = network_table(
        data.draw(st.sampled_from([name for name in ACTIVATIONS if name != "softmax"])),
        output,
        loss,
        optimizer=optimizer,
        batch=data.draw(st.integers(0, 3)),
        batch_norm=data.draw(st.booleans()),
        dropout=data.draw(st.sampled_from([0.0, 0.1, 0.37])),
    )
    preset, dataset = load_preset(table, "test")
    digits = data.draw(st.integers(1, 4))
    session = Session(*few_digits(preset, dataset, digits))
    assert max(map(significant, given_numbers(worked(session, Task(), "exercise")))) <= digits


def test_only_settings_that_count_are_written(network_table: Any, session_of: Any) -> None:
    """As they are short: a rate of 0.357, β₂ of 0.999 as 0.99, a half-life of 125 steps as 120."""
    plain = session_of("first-steps")
    assert few_digits_table(plain.preset, plain.dataset, 1)["optimizer"] == {"learning_rate": 0.5}
    session = session_of(everything(network_table))
    assert few_digits_table(session.preset, session.dataset, 2)["optimizer"] == {
        "kind": "adamw",
        "learning_rate": 0.36,
        "beta2": 0.99,
        "epsilon": 1e-8,
        "weight_decay": 0.012,
        "l1": 0.0011,
        "schedule": {"kind": "step", "step_size": 120, "gamma": 0.72, "warm_up": 120, "start_factor": 0.23},
    }


def test_by_hand_to_two_digits() -> None:
    assert rounded(np.array([[0.4567, -12.34], [0.001239, 0.0]]), 2).tolist() == [[0.46, -12.0], [0.0012, 0.0]]
    assert str(rounded_number(-0.0, 2)) == "0.0"
    assert [rounded_number(value, 2) for value in (1.797e308, -1.797e308)] == [1.7e308, -1.7e308]
    assert [short(0.999, 2), short(0.9, 1), short(0.996, 1), short(0.25, 1)] == [0.99, 0.9, 0.9, 0.2]
    # Of the rates of two digits up to 0.9, 1/(1 − rate) is short for 0.5, 0.6, 0.75, 0.8 and 0.9 alone.
    assert [short_dropout(rate, 2) for rate in (0.1, 0.3, 0.61, 0.7, 0.88)] == [0.5, 0.5, 0.6, 0.75, 0.9]
    assert short_dropout(0.2, 3) == 0.2


def test_thirds_still_sum_to_one() -> None:
    targets = np.array([[1 / 3, 1.0, 0.111], [1 / 3, 0.0, 0.222], [1 / 3, 0.0, 0.667]])
    assert shares(targets, 2).tolist() == [[0.34, 1, 0.11], [0.33, 0, 0.22], [0.33, 0, 0.67]]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 9))
def test_a_rounded_number_is_near_and_short(value: float, digits: int) -> None:
    found = rounded_number(value, digits)
    assert is_short(found, digits)
    assert significant(found) <= digits
    if abs(value) < 1e308:
        assert abs(found - value) <= 0.5 * 10.0 ** (1 - digits) * abs(value) * (1 + 1e-12) + 5e-324


@given(st.floats(1e-9, 1, exclude_max=True), st.integers(1, 4))
def test_a_share_stays_below_one(value: float, digits: int) -> None:
    assert 0 < short(value, digits) < 1
    assert significant(short(value, digits)) <= digits
