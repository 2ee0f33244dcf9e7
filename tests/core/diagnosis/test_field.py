"""Networks as people bring them, each with what is wrong with it, and others like them with which nothing is.

The first are rebuilt small from public questions and from networks that an earlier diagnosis was wrong about.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.compare.findings_report import Report, diagnose, measured
from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.diagnosis.progress_rules import at_rest
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.session.session import Session

from ...remedies import as_said
from ...share import share

Table = dict[str, Any]


def session_of(seed: int = 0, **tables: Any) -> Session:
    return Session(*load_preset({"title": "test", "seed": seed, **tables}, "test"))


def inline(inputs: Any, targets: Any) -> Table:
    return {"kind": "inline", "inputs": np.asarray(inputs).tolist(), "targets": np.asarray(targets).tolist()}


def layer(units: int, activation: str, **more: Any) -> Table:
    return {"units": units, "activation": activation, **more}


def sgd(rate: float, **more: Any) -> Table:
    return {"kind": "sgd", "learning_rate": rate, **more}


def draws() -> np.random.Generator:
    return np.random.default_rng(0)


CIRCLE = {"kind": "circle", "samples": 400}
TANH = [layer(8, "tanh"), layer(1, "sigmoid")]
SWITCHES = inline([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
HUNDREDS = inline(
    [[100, 400], [150, 350], [200, 300], [250, 320], [300, 300], [320, 280], [280, 310], [400, 100], [450, 480],
     [500, 120], [120, 480], [330, 350]],
    [[0], [0], [0], [1], [1], [1], [1], [0], [0], [0], [0], [1]],
)  # fmt: skip
POINTS = np.linspace(-1, 1, 80)[:, np.newaxis]
RARE = inline(draws().normal(size=(60, 2)) + 3 * (np.arange(60) == 7)[:, None], (np.arange(60) == 7)[:, None] * 1)
FIVE = draws().integers(0, 5, size=200)
"""Five clouds in four inputs."""
CLOUDS = draws().normal(size=(200, 4)) + 3 * np.random.default_rng(2).normal(size=(5, 4))[FIVE]
CLASSES = inline(CLOUDS, np.eye(5)[FIVE])
IN_ORDER = np.argsort(FIVE, kind="stable")
PIXELS = draws().integers(0, 256, size=(120, 16))
BATCHES = {"batch_size": 20}


def line_to(scale: float, offset: float) -> Table:
    """Twenty points of a line, whose inputs go from 0 to `scale`."""
    x = np.linspace(0, scale, 20)[:, np.newaxis]
    return inline(x, offset + 0.3 * x)


ONE_LINE = [layer(1, "identity", weights=[[0.0]], biases=[0.0])]
SICK: dict[str, tuple[str, int, Table, tuple[str, ...]]] = {
    "biases of −50": (
        "dead_units", 300,
        {"data": {"kind": "circle", "samples": 200}, "optimizer": sgd(0.1), "layers": [
            layer(3, "relu", weights=[[1, 0], [0, 1], [1, 1]], biases=[-50, -50, -50]), layer(1, "sigmoid")]},
        ("layers.0.biases", "layers.0.batch_norm"),
    ),
    "inputs in the hundreds": (
        "inputs_not_scaled", 300, {"data": HUNDREDS, "layers": TANH, "optimizer": sgd(0.1)}, ("data.normalize",),
    ),
    "a line through inputs up to 60": (
        "inputs_not_scaled", 60, {"data": line_to(60, 120), "layers": ONE_LINE, "optimizer": sgd(0.002)},
        ("data.normalize",),
    ),
    "a step that swings for ever": (
        "learning_rate_too_high", 500,
        {"data": inline([[2.1]], [[4.0]]), "layers": ONE_LINE, "optimizer": sgd(0.2269)}, ("optimizer.learning_rate",),
    ),
    "an L2 penalty of 1": (
        "penalty_too_strong", 500,
        {"data": CIRCLE, "layers": TANH, "optimizer": sgd(0.1, l2=1.0), "training": {"batch_size": 10}},
        ("optimizer.l2",),
    ),
    "batch norm of one": (
        "batch_norm_of_one", 400,
        {"data": CIRCLE, "layers": [layer(8, "tanh", batch_norm=True), layer(1, "sigmoid")], "optimizer": sgd(0.1),
         "training": {"batch_size": 1}},
        ("training.batch_size", "layers.0.batch_norm"),
    ),
    "targets about 50,000": (
        "targets_not_scaled", 500,
        {"data": inline(POINTS, 50_000 + 10_000 * np.sin(3 * POINTS)), "optimizer": sgd(0.01),
         "layers": [layer(8, "tanh"), layer(1, "identity")], "training": {"batch_size": 10}},
        ("data.normalize_targets",),
    ),
    "a sigmoid for numbers below 0": (
        "targets_out_of_range", 200,
        {"data": inline(POINTS, -POINTS * POINTS), "layers": [layer(1, "sigmoid")], "optimizer": sgd(0.1),
         "loss": {"kind": "mean_squared_error"}},
        ("layers.0.activation",),
    ),
    "a relu output that is dead": (
        "dead_units", 200,
        {"data": inline(1 + POINTS, 2 + POINTS), "optimizer": sgd(0.05), "layers": [
            layer(4, "tanh"), layer(1, "relu", weights=[[-1, -1, -1, -1]], biases=[-5])]},
        ("layers.1.activation",),
    ),
    "no bias for inputs of 0": (
        "fixed_answer", 200,
        {"data": inline([[0, 1], [1, 0], [0, 0], [1, 1]], [[0], [1], [0], [1]]), "optimizer": sgd(1.0),
         "layers": [layer(1, "sigmoid", bias=False)]},
        ("layers.0.bias",),
    ),
    "dropout of 0.9": (
        "dropout_too_strong", 300,
        {"data": CIRCLE, "layers": [layer(8, "tanh", dropout=0.9), layer(1, "sigmoid")], "optimizer": sgd(0.1),
         "training": {"batch_size": 10}},
        ("layers.0.dropout",),
    ),
    "XOR by a line": (
        "linear_network", 300, {"data": SWITCHES, "layers": [layer(4, "identity"), layer(1, "sigmoid")],
                                "optimizer": sgd(0.5)}, ("layers.0.activation",),
    ),
    "XOR through one unit": (
        "too_few_units", 700,
        {"data": {"kind": "xor", "samples": 400}, "layers": [layer(1, "tanh"), layer(1, "sigmoid")],
         "optimizer": sgd(0.1), "training": {"batch_size": 20}},
        ("layers.0.units",),
    ),
    "four examples through one unit": (
        "too_few_units", 600,
        {"seed": 1, "data": SWITCHES, "layers": [layer(1, "tanh"), layer(1, "sigmoid")], "optimizer": sgd(0.5)},
        ("layers.0.units",),
    ),
    "a circle without biases": (
        "symmetric_outputs", 300,
        {"data": CIRCLE, "layers": [layer(8, "tanh", bias=False), layer(1, "sigmoid", bias=False)],
         "optimizer": sgd(0.1), "training": {"batch_size": 20}},
        ("layers.0.bias", "layers.1.bias"),
    ),
    "targets up to 10,000": (
        "targets_not_scaled", 300,
        {"data": inline(POINTS, 1e4 * POINTS**2), "layers": [layer(12, "gelu"), layer(1, "identity")],
         "optimizer": sgd(0.05), "training": BATCHES},
        ("data.normalize_targets",),
    ),
    "an L1 penalty of 0.5": (
        "penalty_too_strong", 300,
        {"data": CLASSES, "layers": [layer(12, "tanh"), layer(5, "softmax")], "optimizer": sgd(0.1, l1=0.5),
         "training": BATCHES},
        ("optimizer.l1",),
    ),
    "a momentum of 0.99 at a rate of 2": (
        "learning_rate_too_high", 100,
        {"data": CLASSES, "layers": [layer(16, "relu"), layer(5, "softmax")], "training": BATCHES,
         "optimizer": {"kind": "momentum", "learning_rate": 2.0, "momentum": 0.99}},
        ("optimizer.learning_rate",),
    ),
    "five classes, one after the other": (
        "sorted_examples", 200,
        {"data": inline(CLOUDS[IN_ORDER], np.eye(5)[FIVE[IN_ORDER]]), "optimizer": sgd(0.5),
         "layers": [layer(16, "tanh"), layer(5, "softmax")], "training": {**BATCHES, "shuffle": False}},
        ("training.shuffle",),
    ),
    "pixels up to 255": (
        "inputs_not_scaled", 200,
        {"data": inline(PIXELS, np.eye(3)[PIXELS[:, :3].argmax(axis=1)]), "optimizer": sgd(0.1),
         "layers": [layer(16, "tanh"), layer(3, "softmax")], "training": BATCHES},
        ("data.normalize",),
    ),
    "eight sigmoid layers under softmax": (
        "vanishing_gradient", 300,
        {"data": CLASSES, "layers": [layer(12, "sigmoid", repeat=8), layer(5, "softmax")], "optimizer": sgd(0.1),
         "training": BATCHES},
        ("layers.0.activation", "layers.0.batch_norm", "layers.0.residual"),
    ),
    "inputs of hundredths around a half": (
        "inputs_not_scaled", 500,
        {"data": inline(0.5 + 0.03 * CLOUDS[:, :2], 1.0 * (CLOUDS[:, :1] * CLOUDS[:, 1:2] > 0)),
         "layers": [layer(10, "tanh"), layer(1, "sigmoid")], "optimizer": sgd(0.2), "training": BATCHES},
        ("data.normalize",),
    ),
    "no bias for most of the loss": (
        "fixed_answer", 600,
        {"data": inline([[0, 0], [1, 0], [0, 1], [1, 1]], [[4], [1], [0], [-1]]), "optimizer": sgd(0.1),
         "layers": [layer(6, "tanh", bias=False), layer(1, "identity", bias=False)]},
        ("layers.0.bias", "layers.1.bias"),
    ),
    "clipping to nearly nothing": (
        "learning_rate_too_low", 400,
        {"data": CLASSES, "layers": [layer(12, "relu"), layer(5, "softmax")], "optimizer": sgd(0.1, clip_norm=2e-4),
         "training": BATCHES},
        ("optimizer.clip_norm",),
    ),
    "an ε that swamps Adam's steps": (
        "learning_rate_too_low", 400,
        {"data": CLASSES, "layers": [layer(12, "relu"), layer(5, "softmax")], "training": BATCHES,
         "optimizer": {"kind": "adam", "learning_rate": 0.01, "epsilon": 1e3}},
        ("optimizer.epsilon",),
    ),
    "a line at a rate that leaves it above a constant": (
        "linear_network", 700,
        {"data": {"kind": "xor", "samples": 200}, "optimizer": sgd(0.05), "training": {"batch_size": 10},
         "layers": [layer(6, "identity", repeat=2), layer(1, "tanh")]},
        ("layers.0.activation",),
    ),
    "one left over for batch norm, and nothing to learn": (
        "batch_norm_of_one", 700,
        {"data": inline(draws().normal(size=(46, 3)), np.arange(46)[:, None] % 2), "optimizer": sgd(0.1),
         "layers": [layer(6, "relu", batch_norm=True), layer(1, "sigmoid")], "training": {"batch_size": 9}},
        ("training.drop_last", "training.batch_size", "layers.0.batch_norm"),
    ),
    "all of one class": (
        "learning_rate_too_low", 400,
        {"data": RARE, "layers": [layer(1, "sigmoid", weights=[[0.1, -0.1]], biases=[-1.0])],
         "optimizer": {"kind": "adam", "learning_rate": 1e-5}},
        ("optimizer.learning_rate",),
    ),
}  # fmt: skip


def report_of(session: Session, steps: int) -> Report:
    return measured(diagnose(session, steps), session, seconds=1e9)


@cache
def reported(name: str) -> Report:
    """What is found in a sick network, with all remedies tried."""
    _, steps, tables, _ = SICK[name]
    return report_of(session_of(**tables), steps)


def grave(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity != "info"]


SLOW = ("eight sigmoid layers under softmax", "targets up to 10,000", "five classes, one after the other")


@pytest.mark.parametrize("name", share([name for name in SICK if name not in SLOW], [*SICK]))
def test_the_cause_comes_first_and_a_remedy_of_it_that_helps(name: str) -> None:
    rule, _, _, paths = SICK[name]
    report = reported(name)
    first = report.findings[0]
    assert first.rule == rule
    helping = [remedy for remedy in first.remedies if remedy.helps]
    assert helping
    assert any(path in helping[0].set for path in paths), helping[0]
    helps = [remedy.helps for remedy in first.remedies]
    assert helps == sorted(helps, key=bool, reverse=True)


@pytest.mark.parametrize("name", share([*SICK][1::5], [*SICK]))
def test_a_remedy_does_what_is_said_when_it_is_run(name: str) -> None:
    session = session_of(**SICK[name][2])
    for finding in reported(name).findings[: share(2, None)]:
        for remedy in finding.remedies:
            again = Session(*load_preset(apply_changes(session.preset.table, remedy.set), "test"))
            assert as_said(again, finding, remedy), remedy


def test_the_accuracy_of_one_class_is_said_to_be_that() -> None:
    _, steps, tables, _ = SICK["all of one class"]
    found = {finding.rule: finding for finding in diagnose(session_of(**tables), steps).findings}
    assert "class 0, which 98% of them have" in found["one_class_only"].evidence


def rules_of(steps: int, seed: int = 0, **tables: Any) -> set[str]:
    return {finding.rule for finding in grave(diagnose(session_of(seed, **tables), steps))}


def test_few_units_are_not_too_few_where_they_do_or_there_is_no_more_to_explain() -> None:
    few = {"optimizer": sgd(0.1), "training": {"batch_size": 20}}
    assert rules_of(600, data=CIRCLE, layers=[layer(3, "tanh"), layer(1, "sigmoid")], **few) == set()
    # Classes by chance, one of them the likelier the larger x₁ is: past that there is nothing to know.
    x = draws().normal(size=(300, 2))
    likely = draws().random(size=(300, 1)) < 1 / (1 + np.exp(-3 * x[:, :1]))
    session = session_of(data=inline(x, 1.0 * likely), layers=[layer(2, "tanh"), layer(1, "sigmoid")], **few)
    assert "too_few_units" not in {finding.rule for finding in diagnose(session, 600).findings}
    last = session.diagnosis.last
    assert last is not None
    assert last.gain_of_more is not None
    assert last.gain_of_more < 0.2
    assert at_rest(last)


THIRDS = np.eye(3)[np.arange(60) % 3]


def test_outputs_that_are_never_told_apart_are_named_and_such_that_part_at_once_are_not() -> None:
    data = inline(draws().normal(size=(60, 2)) + 2 * THIRDS[:, :2], THIRDS)
    zeros = {"init": "zeros"}
    tied = {"data": data, "layers": [layer(8, "tanh", **zeros), layer(3, "softmax", **zeros)], "optimizer": sgd(0.1)}
    found = {finding.rule: finding for finding in diagnose(session_of(**tied), 20).findings}
    assert "3 of 3 outputs have the same weights as another" in found["symmetric_outputs"].evidence
    assert [*found] == ["symmetric_weights", "symmetric_outputs"]
    assert rules_of(20, **{**tied, "layers": [layer(3, "softmax", **zeros)]}) == set()


def test_an_odd_network_may_have_odd_targets() -> None:
    odd = [layer(8, "tanh", bias=False), layer(1, "sigmoid", bias=False)]
    assert rules_of(100, data={"kind": "gauss", "samples": 400}, layers=odd, optimizer=sgd(0.1)) == set()
    # One layer with a bias, or one that is not odd, and the answers are tied no more.
    for free in ([{**odd[0], "bias": True}, odd[1]], [{**odd[0], "activation": "relu"}, odd[1]]):
        assert rules_of(20, data=CIRCLE, layers=free, optimizer=sgd(0.1)) == set()


NOISE = 0.1 * draws().normal(size=(80, 1))
HEALTHY: dict[str, tuple[int, Table]] = {
    "one positive in sixty": (400, {"data": RARE, "layers": [layer(1, "sigmoid")], "optimizer": sgd(1.0)}),
    "deep relu": (
        300, {"data": CIRCLE, "layers": [layer(16, "relu", repeat=4), layer(1, "sigmoid")],
              "optimizer": sgd(0.05), "training": {"batch_size": 20}}),
    "wide relu": (
        300, {"data": CIRCLE, "layers": [layer(64, "relu"), layer(1, "sigmoid")], "optimizer": sgd(0.05),
              "training": {"batch_size": 20}}),
    "a line for a line": (
        300, {"data": inline(POINTS, 2 * POINTS + 0.5 + NOISE), "layers": [layer(1, "identity")],
              "optimizer": sgd(0.1)}),
    "a line for a line and much noise": (
        600, {"data": inline(POINTS, POINTS + 20 * NOISE), "layers": [layer(1, "identity")], "optimizer": sgd(0.1)}),
    "regression": (
        400, {"data": inline(POINTS, np.sin(3 * POINTS)), "layers": [layer(8, "tanh"), layer(1, "identity")],
              "optimizer": {"kind": "adam", "learning_rate": 0.02}}),
    "batch norm": (
        300, {"data": CIRCLE, "layers": [layer(8, "tanh", batch_norm=True), layer(1, "sigmoid")],
              "optimizer": sgd(0.1), "training": {"batch_size": 20}}),
    "dropout of a fifth": (
        400, {"data": CIRCLE, "layers": [layer(16, "tanh", dropout=0.2), layer(1, "sigmoid")],
              "optimizer": sgd(0.1), "training": {"batch_size": 10}}),
    "an L2 penalty of 0.001": (
        400, {"data": CIRCLE, "layers": TANH, "optimizer": sgd(0.1, l2=1e-3), "training": {"batch_size": 10}}),
    "four examples": (
        400, {"data": SWITCHES, "layers": [layer(8, "tanh"), layer(1, "sigmoid")], "optimizer": sgd(0.5)}),
    "float32": (
        300, {"data": CIRCLE, "layers": TANH, "optimizer": {"kind": "adam", "learning_rate": 0.01},
              "training": {"batch_size": 20, "dtype": "float32"}}),
    "inputs of some tens that are learned": (
        300, {"data": inline(20 * POINTS, POINTS), "layers": [layer(1, "identity")], "optimizer": sgd(0.001)}),
    "leaky relu and batch norm": (
        300, {"data": CIRCLE, "layers": [layer(12, "leaky_relu", batch_norm=True, repeat=3), layer(1, "sigmoid")],
              "optimizer": {"kind": "momentum", "learning_rate": 0.05}, "training": BATCHES}),
    "six tanh layers of LeCun's initialization": (
        300, {"data": CLASSES, "layers": [layer(16, "tanh", init="lecun_normal", repeat=6), layer(5, "softmax")],
              "optimizer": sgd(0.1), "training": BATCHES}),
    "residual connections": (
        300, {"data": CIRCLE, "layers": [layer(12, "tanh"), layer(12, "tanh", residual=True, repeat=6),
                                         layer(1, "sigmoid")], "optimizer": sgd(0.05), "training": BATCHES}),
    "labels that are all the same": (
        300, {"data": inline(CLOUDS, np.ones((200, 1))), "layers": TANH, "optimizer": sgd(0.1), "training": BATCHES}),
    "a momentum of 0.99": (
        400, {"data": CLASSES, "layers": [layer(16, "relu"), layer(5, "softmax")], "training": BATCHES,
              "optimizer": {"kind": "momentum", "learning_rate": 0.002, "momentum": 0.99}}),
    "one layer of zeros among others": (
        300, {"data": CIRCLE, "layers": [layer(12, "gelu"), layer(12, "gelu", init="zeros"), layer(12, "gelu"),
                                         layer(1, "sigmoid")], "optimizer": sgd(0.1), "training": BATCHES}),
    "three answers at once": (
        300, {"data": inline(CLOUDS, 1 * (CLOUDS[:, :3] > 0)), "layers": [layer(12, "tanh"), layer(3, "sigmoid")],
              "optimizer": sgd(0.5), "training": BATCHES}),
    "inputs of a tenth that are learned": (
        400, {"data": inline(0.1 * CLOUDS, np.eye(5)[FIVE]), "layers": [layer(16, "tanh"), layer(5, "softmax")],
              "optimizer": {"kind": "adam", "learning_rate": 0.02}, "training": BATCHES}),
    "one left over for batch norm": (
        300, {"data": inline(CLOUDS[:161], np.eye(5)[FIVE[:161]]), "optimizer": sgd(0.1), "training": BATCHES,
              "layers": [layer(12, "relu", batch_norm=True), layer(5, "softmax")]}),
    "clipping to a norm of a half": (
        300, {"data": CLASSES, "layers": [layer(16, "relu"), layer(5, "softmax")],
              "optimizer": sgd(0.1, clip_norm=0.5), "training": BATCHES}),
    "at its optimum from the start": (
        600, {"data": inline([[-1], [0], [1]], [[1], [0], [1]]), "optimizer": sgd(0.1),
              "layers": [layer(1, "identity", weights=[[0]], biases=[2 / 3])]}),
}  # fmt: skip


@pytest.mark.parametrize("seed", share((0, 3), range(5)))
@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_above_info_is_found_where_nothing_is_wrong(name: str, seed: int) -> None:
    steps, tables = HEALTHY[name]
    assert grave(diagnose(session_of(seed, **tables), steps)) == []


@pytest.mark.parametrize("rate", [0.0005, 0.002, 0.01])
def test_a_loss_that_grows_without_bounds_is_named_within_ten_steps(rate: float) -> None:
    session = session_of(data=line_to(60, 120), layers=ONE_LINE, optimizer=sgd(rate * 4))
    found = {finding.rule: finding.step for finding in diagnose(session, 100).findings}
    assert found["learning_rate_too_high"] <= 10


@pytest.mark.parametrize("seed", [8, 25, 26])
def test_where_the_first_batch_is_easy_the_loss_of_the_others_has_not_grown(seed: int) -> None:
    """Four examples a batch, of which the first four are answered better than the others from the start."""
    x = draws().normal(size=(48, 2))
    tables = {
        "data": inline(x, x[:, :1] * x[:, 1:]),
        "layers": [layer(16, "relu"), layer(1, "identity")],
        "training": {"batch_size": 4},
    }
    assert rules_of(60, seed, optimizer={"kind": "adam", "learning_rate": 0.003}, **tables) == set()
    assert "learning_rate_too_high" in rules_of(60, seed, optimizer={"kind": "adam", "learning_rate": 3.0}, **tables)


def test_symmetry_goes_by_the_size_of_the_rows_that_are_compared() -> None:
    session = session_of(
        data=CIRCLE, optimizer=sgd(1e-9),
        layers=[layer(3, "tanh", weights=[[1e12, 1e12], [0.1, 0.2], [0.3, -0.1]]), layer(1, "sigmoid")],
    )  # fmt: skip
    assert "symmetric_weights" not in [finding.rule for finding in diagnose(session, 5).findings]
