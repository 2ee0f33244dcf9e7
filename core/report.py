"""Steps and runs as documents: JSON as the contract has it, and text.

JSON here is plain data with no number that strict JSON cannot hold: a non-finite one is a string.
"""

from math import isfinite, isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chain_rule import after, place, statement, statements, summary
from .event import Op
from .plan import Plan
from .quantity import Quantity
from .run import TrainingResult
from .session import Evaluated, Session
from .spotlight import Spotlight

WHOLE = 24
"""The most entries of a quantity that the text gives one by one."""
DIGITS = 9


def number(value: float | None) -> float | str | None:
    """A number as JSON has it; `"nan"`, `"inf"` and `"-inf"` for what it has not."""
    if value is None or isfinite(value):
        return None if value is None else float(value)
    return "nan" if isnan(value) else "inf" if value > 0 else "-inf"


def nested(array: NDArray[Any] | None) -> Any:
    """An array as nested lists, in full precision."""
    if array is None:
        return None
    if np.isfinite(array).all():
        return array.tolist()
    return number(float(array)) if array.ndim == 0 else [nested(part) for part in array]


def array_of(plan: Plan, symbol: str, layer: int | None) -> Any:
    quantity = plan.find(symbol, layer)
    return None if quantity is None else nested(quantity.array)


def explain_json(session: Session, step: int) -> dict[str, Any]:
    """The whole of step `step`, from 1, in numbers. Leaves the session where the step is finished."""
    session.seek(session.timeline.finish_of(step) - 1)
    plan, layers = session.plan, session.trainer.layers
    numbers = [layer.number for layer in layers]
    position = session.position
    document: dict[str, Any] = {
        "preset": session.preset.id,
        "title": session.preset.title,
        "step": position.step,
        "epoch": position.epoch,
        "batch": {
            "size": plan.examples,
            "inputs": array_of(plan, "X", None),
            "targets": array_of(plan, "Y", None),
        },
        "forward": [
            {
                "layer": layer.number,
                "activation": layer.activation,
                **{symbol: array_of(plan, symbol, layer.number) for symbol in ("W", "b", "Z", "A")},
            }
            for layer in layers
        ],
        "loss": {"kind": session.preset.loss.kind, "value": number(plan.loss())},
        "backward": [
            {"layer": n, **{symbol: array_of(plan, symbol, n) for symbol in ("dA", "dZ", "dW", "db")}}
            for n in reversed(numbers)
        ],
        "gradient_norm": number(session.gradient_norm()),
    }
    applied = [{name: applied_array(plan, name, n) for name in ("W", "b")} for n in numbers]
    batch = plan["X", None].array.copy(), plan["Y", None].array.copy()
    session.advance(session.count + 1)
    document["update"] = [
        {"layer": n, "W": array_of(plan, "W", n), "b": array_of(plan, "b", n), "applied": received}
        for n, received in zip(numbers, applied, strict=True)
    ]
    again = session.look_again(*batch)
    document["after"] = {
        "loss": number(again.loss()),
        "predictions": array_of(again, "A", len(layers)),
    }
    return document


def applied_array(plan: Plan, parameter: str, layer: int) -> Any:
    """What the optimizer received for W or b of a layer."""
    received = plan.find(f"g({parameter})", layer) or plan.find(f"d{parameter}", layer)
    return None if received is None else nested(received.array)


def form(value: float) -> str:
    """A number of the text: nine significant digits, with a true minus sign."""
    return f"{value:.{DIGITS}g}".replace("-", "−")


def explain_text(session: Session, step: int, spotlight: Spotlight) -> str:
    """The worked solution of a step as text: every op with its rule, its numbers and why."""
    session.seek(session.timeline.finish_of(step - 1))
    layers = len(session.trainer.layers)
    title = session.preset.title
    lines = [
        title,
        "=" * len(title),
        f"Step {step}, epoch {session.timeline.at(session.timeline.finish_of(step)).epoch}",
    ]
    for _ in session.timeline.stops["op"]:
        session.forward("op")
        assert session.op is not None
        lines += ["", *op_text(session.op, session.plan, spotlight, layers)]
    batch = session.plan["X", None].array.copy(), session.plan["Y", None].array.copy()
    before = session.plan.loss()
    session.forward("step")
    again = session.look_again(*batch)
    lines += ["", "after the update, the same batch again", f"  ℒ = {form(again.loss())}   (before: {form(before)})"]
    lines += [f"  {line}" for line in entries(again["A", layers])]
    return "\n".join(lines) + "\n"


def op_text(op: Op, plan: Plan, spotlight: Spotlight, layers: int) -> list[str]:
    """One op of the worked solution."""
    lines = [f"{op.place}. {place(op, layers)}", f"  {op.rule}", f"  {op.why}"]
    small = all(quantity.array.size <= WHOLE for quantity in op.writes)
    if small:
        for quantity in op.writes:
            for index in np.ndindex(quantity.array.shape):
                lines.append("  " + statement(op, quantity, index, most=WHOLE).text(form))
    shown = statements(op, spotlight, layers)
    if not small:
        lines += [f"  {summary_text(quantity)}" for quantity in op.writes]
        lines += [f"  {s.text(form)}" for s in shown]
    elif op.phase == "update":
        lines += [f"  {line}" for line in new_parameters(op)]
    return lines


def new_parameters(op: Op) -> list[str]:
    """Every parameter of an update op as it will be: `new W⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ + ΔW⁽¹⁾₁,₁ = …`."""
    changes = [quantity for quantity in op.writes if quantity.symbol.startswith("Δ")]
    return [
        after(op, statement(op, quantity, index)).text(form)
        for quantity in changes
        for index in np.ndindex(quantity.array.shape)
    ]


def summary_text(quantity: Quantity) -> str:
    """`dW⁽¹⁾: 128×784, from −0.1 to 0.2, norm 1.5`."""
    found = summary(quantity)
    shape = "×".join(map(str, found.shape)) or "one number"
    return f"{quantity.name}: {shape}, from {form(found.low)} to {form(found.high)}, norm {form(found.norm)}"


def entries(quantity: Quantity) -> list[str]:
    """A small quantity entry by entry, a large one in a line."""
    if quantity.array.size > WHOLE:
        return [summary_text(quantity)]
    return [f"{quantity.entry(i)} = {form(quantity.value(i))}" for i in np.ndindex(quantity.array.shape)]


def train_json(session: Session, result: TrainingResult) -> dict[str, Any]:
    """What `train --json` prints."""
    state = session.trainer.state.parameters
    return {
        "preset": session.preset.id,
        "steps": result.steps,
        "epochs": result.epochs,
        "loss": {
            "first": loss_of(result.first, "training"),
            "last": loss_of(result.last, "training"),
            "best": number(result.best_loss),
        },
        "test_loss": loss_of(result.last, "test"),
        "accuracy": accuracy_of(result.last, "training"),
        "test_accuracy": accuracy_of(result.last, "test"),
        "gradient_norms": {
            "first": [number(value) for value in result.first_gradient_norms],
            "last": [number(value) for value in result.last_gradient_norms],
        },
        "stopped_by": result.stopped_by,
        "steps_per_second": number(result.steps_per_second),
        "parameters": [
            {
                "layer": layer.number,
                "W": nested(layer.weights(state)),
                "b": nested(layer.biases(state)),
                "gamma": None,
                "beta": None,
            }
            for layer in session.trainer.layers
        ],
    }


def loss_of(evaluated: Evaluated, part: str) -> float | str | None:
    evaluation = getattr(evaluated, part)
    return None if evaluation is None else number(evaluation.loss)


def accuracy_of(evaluated: Evaluated, part: str) -> float | str | None:
    evaluation = getattr(evaluated, part)
    return None if evaluation is None else number(evaluation.accuracy)
