"""The source of an op: its calls in words, the lines that wrote them, and that both are true."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui.core.chain_rule import source
from backprop_tui.core.chain_rule.calls import call_texts, parts, running_statistics
from backprop_tui.core.chain_rule.source import Excerpt, SourceLine, excerpts, running
from backprop_tui.core.network import affine
from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.session import Session

Sessions = Callable[..., Session]
Tables = Callable[..., dict[str, Any]]
FULL = {"l1": 0.1, "l2": 0.2, "clip_norm": 1.0, "clip_value": 2.0}
SCHEDULED = {"weight_decay": 0.1, "train_biases": False, "schedule": {"kind": "step", "warm_up": 2}}
NETWORKS = [
    (hidden, output, loss, {"optimizer": {"kind": kind, **more}, **kinds})
    for hidden, output, loss, kind, more, kinds in (
        ("sigmoid", "sigmoid", "binary_cross_entropy", "sgd", {}, {}),
        ("relu", "softmax", "cross_entropy", "adam", FULL, {"batch_norm": True, "dropout": 0.3}),
        ("gelu_tanh", "identity", "mean_squared_error", "adamw", {"weight_decay": 0.1}, {"residual": True}),
        ("tanh", "sigmoid", "half_squared_error", "adamw", SCHEDULED, {}),
        ("gelu", "softmax", "half_squared_error", "nesterov", {"ema": True}, {"batch": 1}),
        ("leaky_relu", "tanh", "mean_squared_error", "rmsprop", {"epsilon_inside_sqrt": True}, {"bias": False}),
        ("silu", "softplus", "mean_squared_error", "adagrad", FULL, {"batch_norm": True, "residual": True, "batch": 3}),
        ("elu", "tanh", "half_squared_error", "momentum", {"train_biases": False}, {"dropout": 0.5, "residual": True}),
    )
]


@pytest.fixture(params=NETWORKS, ids=lambda network: "-".join(network[:3]))
def session(request: pytest.FixtureRequest, session_of: Sessions, network_table: Tables) -> Session:
    hidden, output, loss, more = request.param
    return session_of(network_table(hidden, output, loss, **more))


def texts_of(session: Session, op: Op) -> tuple[str, ...]:
    trainer = session.trainer
    return call_texts(
        running(op, session.plan), session.plan, running_statistics(trainer.layers, trainer.state.statistics)
    )


def op_called(session: Session, name: str, layer: int | None = None) -> Op:
    return next(op for op in session.plan.events if (op.name, op.layer) == (name, layer))


def marked(excerpt: Excerpt) -> str:
    return "\n".join(line.text for line in excerpt.lines if line.marked)


def test_every_call_stands_in_a_marked_line_or_is_made_by_numpy_of_one(session: Session) -> None:
    """For each call there is a marked line that binds the function of that name."""
    for op in session.plan.events:
        found = excerpts(op, session.plan)
        code = "\n".join(marked(excerpt) for excerpt in found)
        for call in running(op, session.plan).calls:
            name = parts(call)[0].__name__
            assert f"{name}," in code or f"{name})" in code, (op.name, op.layer, name)


def test_lines_stand_in_the_files_as_they_are_shown(session: Session) -> None:
    root = Path(source.__file__).parents[2]
    for op in session.plan.events:
        for excerpt in excerpts(op, session.plan):
            lines = (root / excerpt.file).read_text(encoding="utf-8").split("\n")
            assert [line.number for line in excerpt.lines] == sorted({line.number for line in excerpt.lines})
            for line in excerpt.lines:
                assert lines[line.number - 1].strip() == line.text.strip()
            assert any(line.text.lstrip().startswith("def ") for line in excerpt.lines[:2])


def test_calls_name_what_the_op_reads_and_writes(session: Session) -> None:
    """The result of every op is written by a call, and nothing is written that is no quantity or scratch."""
    for op in session.plan.ops:
        texts = texts_of(session, op)
        assert len(texts) == len(running(op, session.plan).calls)
        if op.phase == "update":
            assert texts[-1].endswith("→ Δθ")
            continue
        targets = [text.partition(" → ")[2] for text in texts if " → " in text]
        for quantity in op.writes:
            # A mask is drawn by a function of our own, and the slope of the identity is 1 from the first.
            given = quantity.symbol == "M" or quantity.symbol.startswith("id′")
            assert given or any(quantity.name in target for target in targets), (op.name, quantity.name, texts)
        assert not any("constant (" in target or target == "[" for target in targets)


def test_each_call_says_the_arrays_that_it_is_bound_to(session_of: Sessions) -> None:
    session = session_of("first-steps")
    assert texts_of(session, op_called(session, "Z", 1)) == ("[W⁽¹⁾ | b⁽¹⁾].dot([X; 1]) → Z⁽¹⁾",)
    assert texts_of(session, op_called(session, "dZ", 1))[-1] == "np.multiply(dA⁽¹⁾, σ′(Z⁽¹⁾)) → dZ⁽¹⁾"
    assert texts_of(session, op_called(session, "dW db", 2)) == ("dZ⁽²⁾.dot([A⁽¹⁾; 1]ᵀ) → [dW⁽²⁾ | db⁽²⁾]",)
    error, back = (op for op in session.plan.ops if op.name == "dA")
    assert texts_of(session, error) == ("np.multiply(E, 1) → dA⁽²⁾",)
    assert texts_of(session, back) == ("[W⁽²⁾ | b⁽²⁾]ᵀ.dot(dZ⁽²⁾) → [dA⁽¹⁾; ·]",)
    assert texts_of(session, op_called(session, "ΔW Δb", 2)) == ("np.multiply(dθ, −0.5) → Δθ",)
    assert texts_of(session, session.plan.finished) == ("np.add(θ, Δθ) → θ",)


def test_a_softmax_and_its_loss_in_words(session_of: Sessions, network_table: Tables) -> None:
    session = session_of(network_table("tanh", "softmax", "cross_entropy"))
    assert texts_of(session, op_called(session, "A", 3)) == (
        "np.maximum.reduce(Z⁽³⁾, axis=0) → max Z⁽³⁾",
        "np.subtract(Z⁽³⁾, max Z⁽³⁾) → S⁽³⁾",
        "np.exp(S⁽³⁾) → A⁽³⁾",
        "[1 …].dot(A⁽³⁾) → T⁽³⁾",
        "np.divide(A⁽³⁾, T⁽³⁾) → A⁽³⁾",
    )


def test_the_finish_of_a_batch_norm_moves_the_running_statistics(session_of: Sessions, network_table: Tables) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error", batch_norm=True))
    texts = texts_of(session, session.plan.finished)
    assert "np.multiply(running μ⁽¹⁾, 0.9) → running μ⁽¹⁾" in texts
    assert "running_calls" in [excerpt.function for excerpt in excerpts(session.plan.finished, session.plan)]


def test_of_several_ways_only_the_one_taken_is_marked(
    session_of: Sessions, network_table: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ways(examples: int) -> str:
        session = session_of(network_table("tanh", "identity", "mean_squared_error", batch=examples))
        found = excerpts(op_called(session, "dW db", 1), session.plan)
        return marked(next(excerpt for excerpt in found if excerpt.function == "gradient_calls"))

    assert ways(1).strip() == "return (partial(dZ.dot, source.T, gradient),)"
    assert ways(7).count("return") == 1
    assert "scaled" not in ways(7)
    # As where a layer has so many inputs that a call more costs less than to multiply its whole gradient.
    monkeypatch.setattr(affine, "MUCH", 0)
    assert "scaled" in ways(2)


def test_settings_decide_which_root_is_marked(session_of: Sessions) -> None:
    for inside, wanted in ((False, "np.sqrt, s"), (True, "np.sqrt, target")):
        optimizer = {"kind": "adam", "learning_rate": 0.1, "epsilon_inside_sqrt": inside}
        session = session_of("xor", changes={"optimizer": optimizer})
        found = excerpts(op_called(session, "ΔW Δb", 1), session.plan)
        assert found[0].function == "Adam.write"
        root = marked(next(excerpt for excerpt in found if excerpt.function == "Adaptive.root"))
        assert wanted in root
        assert root.count("return") == 1


def test_an_activation_brings_its_own_functions(session_of: Sessions) -> None:
    session = session_of("first-steps")
    found = excerpts(op_called(session, "A", 1), session.plan)
    assert [excerpt.function for excerpt in found] == ["write_elementwise", "write_sigmoid"]
    assert found[0].file == "core/network/activate.py"
    found = excerpts(op_called(session, "dZ", 2), session.plan)
    assert [excerpt.function for excerpt in found] == ["write_elementwise_backward", "write_sigmoid_derivative"]


def test_start_and_finish_show_what_the_trainer_does(session_of: Sessions) -> None:
    plan = session_of("xor").plan
    laying, epoch, each, start = excerpts(plan.started, plan)
    assert (laying.function, start.function) == ("Walk.batches", "Walk.every_event")
    assert (epoch.function, each.function) == ("Shuffled.lays", "gather")
    assert "lay()" in marked(laying)
    assert any("array.take(chosen, axis, into" in line.text for line in each.lines)
    assert marked(start).rstrip().endswith("yield plan.started")
    finish = excerpts(plan.finished, plan)[0]
    assert "state.step += 1" in marked(finish)
    assert marked(finish).rstrip().endswith("yield plan.finished")
    assert "yield op" not in marked(finish)


def test_a_place_is_the_first_marked_line() -> None:
    lines = (SourceLine(3, "def f():", False), SourceLine(7, "    calls=()", True))
    assert Excerpt("core/x.py", "f", lines).place == "core/x.py:7"
    assert Excerpt("core/x.py", "f", lines[:1]).place == "core/x.py:3"


def test_a_missing_source_is_said(session_of: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise OSError("could not get source code")

    monkeypatch.setattr(source, "module_of", gone)
    plan = session_of("first-steps").plan
    with pytest.raises(LookupError, match="the source is not there"):
        excerpts(plan.ops[0], plan)


def test_reading_the_source_runs_nothing(session_of: Sessions) -> None:
    session = session_of("first-steps")
    session.forward("op")
    before = {key: quantity.array.copy() for key, quantity in session.plan.quantities.items()}
    for op in session.plan.events:
        excerpts(op, session.plan)
        texts_of(session, op)
    for key, quantity in session.plan.quantities.items():
        np.testing.assert_array_equal(before[key], quantity.array)


def test_it_works_from_a_zip(tmp_path: Path) -> None:
    root = Path(source.__file__).parents[2]
    archive = tmp_path / "program.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(backprop_tui.__file__, "backprop_tui/__init__.py")
        for path in (root / "core").rglob("*.py"):
            file.write(path, f"backprop_tui/{path.relative_to(root)}")
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import backprop_tui
assert sys.argv[1] in backprop_tui.__file__
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.chain_rule.source import excerpts
LAYERS = [{"units": 1, "activation": "tanh"}]
table = {"title": "t", "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[0.0]]}, "layers": LAYERS}
session = Session(*load_preset(table, "t", None, "t"))
print(excerpts(session.plan.ops[0], session.plan)[0].file)
"""
    arguments = [sys.executable, "-c", program, str(archive)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.strip() == "core/network/affine.py", done.stderr


def test_a_function_of_our_own_among_the_calls_is_shown(session_of: Sessions, network_table: Tables) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error", dropout=0.5))
    op = next(op for op in session.plan.ops if any(quantity.symbol == "M" for quantity in op.writes))
    assert texts_of(session, op)[0] == "draw_mask(1, M⁽¹⁾)"
    assert [excerpt.function for excerpt in excerpts(op, session.plan)] == ["dropout", "Trainer.draw_mask"]
