"""A headless run as JSON: what `train --json` prints."""

from typing import Any

from backprop_tui.core.preset.json_number import nested, number
from backprop_tui.core.session.run import TrainingResult
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluated
from backprop_tui.core.training.measures import PARTS, LabelMeasures, Measures, NumberMeasures, measured


def train_json(session: Session, result: TrainingResult) -> dict[str, Any]:
    """What `train --json` prints."""
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
        "measures": {
            part: None if (found := measured(session.evaluator, part)) is None else measures_json(found.measures)
            for part in PARTS
        },
        "gradient_norms": {
            "first": [number(value) for value in result.first_gradient_norms],
            "last": [number(value) for value in result.last_gradient_norms],
        },
        "stopped_by": result.stopped_by,
        "steps_per_second": number(result.steps_per_second),
        "parameters": [
            {
                "layer": layer.number,
                **{
                    name: nested(found.get(symbol))
                    for name, symbol in (("W", "W"), ("b", "b"), ("gamma", "γ"), ("beta", "β"))
                },
            }
            for layer in session.trainer.layers
            for found in (layer.parameters(session.trainer.state.parameters),)
        ],
    }


def loss_of(evaluated: Evaluated, part: str) -> float | str | None:
    evaluation = getattr(evaluated, part)
    return None if evaluation is None else number(evaluation.loss)


def accuracy_of(evaluated: Evaluated, part: str) -> float | str | None:
    evaluation = getattr(evaluated, part)
    return None if evaluation is None else number(evaluation.accuracy)


def measures_json(measures: Measures | None) -> dict[str, Any] | None:
    """The measures of one part; None where an answer is no finite number."""
    if measures is None:
        return None
    if isinstance(measures, NumberMeasures):
        return {
            "targets": list(measures.names),
            "r2": [number(value) for value in measures.r2],
            "rmse": [number(value) for value in measures.rmse],
            "mae": [number(value) for value in measures.mae],
        }
    return {
        "labels" if isinstance(measures, LabelMeasures) else "classes": list(measures.names),
        "confusion": nested(measures.confusion),
        "recall": list(measures.recall),
        "precision": list(measures.precision),
        "most_frequent": measures.most_frequent,
    }
