"""The data as a hidden layer sees them: what its units answer, and the plane in which answers differ most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import Part, examples_of

Floats = NDArray[np.float64]
MOST = 1_000
"""Examples of each part that are looked at, the first ones."""


def answers_to(session: Session, part: Part, layer: int) -> Floats:
    """A of a layer for the first examples of a part, MOST at most, in evaluation mode: (units, n)."""
    inputs = examples_of(session.dataset, part)[0][:, :MOST]
    if not inputs.shape[1]:
        return np.empty((session.trainer.layers[layer - 1].units, 0))
    return answers_to_inputs(session, inputs, layer)


def answers_to_inputs(session: Session, inputs: Array, layer: int) -> Floats:
    """A of a layer for inputs (features, n) as the network reads them, in evaluation mode: (units, n), a copy."""
    return np.array(session.evaluator.run(inputs)["A", layer].array, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Components:
    """The first two principal components: the `mean` (units, 1), two unit vectors (2, units), and the share of the
    variance along each. An axis points to where its largest entry is positive."""

    mean: Floats
    axes: Floats
    shares: tuple[float, float]

    def of(self, answers: Floats) -> Floats:
        """Answers (units, n) in the plane of the two components, (2, n)."""
        return self.axes @ (answers - self.mean)


def principal(answers: Floats) -> Components | None:
    """Of answers (units, n); None where one is no finite number, or where they do not differ.

    The eigenvectors of the covariance, or of the examples' products with each other where these are fewer.
    """
    units, count = answers.shape
    if not count or not np.isfinite(answers).all():
        return None
    scale = float(np.abs(answers).max())
    mean = answers.mean(axis=1, keepdims=True)
    centred = (answers - mean) / (scale or 1.0)
    total = float(np.square(centred).sum())
    if total <= (np.finfo(np.float64).eps ** 2) * centred.size:
        return None
    if units <= count:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        axes = vectors[:, ::-1][:, :2].T
    else:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        axes = (centred @ vectors[:, ::-1][:, :2]).T
        # Along an axis without variance there is no direction.
        lengths = np.linalg.norm(axes, axis=1, keepdims=True)
        axes = np.divide(axes, lengths, out=np.zeros_like(axes), where=lengths > np.sqrt(total) * 1e-12)
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    axes = axes * np.where(largest < 0, -1.0, 1.0)[:, None]
    shares = np.clip(values[::-1][:2] / total, 0.0, 1.0)
    return Components(mean, axes, (float(shares[0]), float(shares[1])))


def answers_from(session: Session, layer: int, answers: Floats) -> Array:
    """What the network says where layer `layer` answers (units, n): (outputs, n), in evaluation mode; a copy."""
    plan = session.evaluator.plan(answers.shape[1])
    plan["A", layer].array[:] = answers
    with np.errstate(all="ignore"):
        for op in plan.ops:
            if op.phase == "forward" and op.layer is not None and op.layer > layer:
                for call in op.calls:
                    call()
    return plan["A", len(session.trainer.layers)].array.copy()


def follows_alone(session: Session, layer: int) -> bool:
    """Whether a layer's answers alone settle the network's: the next is the last layer."""
    return layer == len(session.trainer.layers) - 1
