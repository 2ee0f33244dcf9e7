"""What every unit of the network answers over the plane of two raw inputs: one forward pass over a grid of places."""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.domain import Interval
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.limits import NUMBERS_OF_A_PORTION
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.trainer import Trainer

EVERY = slice(None)


def has_responses(dataset: Dataset) -> bool:
    """Whether the network reads points of a plane, so that each unit's answer is a picture."""
    return dataset.points is not None and dataset.domain is not None


def places(domain: tuple[Interval, Interval], rows: int, columns: int) -> NDArray[np.float64]:
    """The middles of rows × columns equal parts of the domain, (2, rows · columns): by rows, the highest x2 first."""
    (left, right), (bottom, top) = domain
    x = left + (right - left) * (np.arange(columns) + 0.5) / columns
    y = top - (top - bottom) * (np.arange(rows) + 0.5) / rows
    return np.stack([np.tile(x, rows), np.repeat(y, columns)])


class Responses:
    """The answers of all units at `rows` × `columns` places of the data's domain, in evaluation mode.

    Buffers are kept, and a pass is made only where the run stands at another state than at the last one; so two views
    of one grid share it. Where the whole pass would need many numbers it is made in portions, for what is asked alone.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.dataset: Dataset | None = None
        self.trainer: Trainer | None = None
        self.step = -1
        self.inputs: Array = np.empty((0, 0))
        self.plan: Plan | None = None

    def layer(self, session: Session, number: int, units: slice = EVERY) -> Array:
        """The answers of layer `number`, or of some of its units: (units, rows, columns), row 0 at the top.

        Layer 0 are the inputs as the network reads them. The array is good until the next call. For data that
        `has_responses` is true of.
        """
        self.prepare(session)
        plan, count = self.plan, self.inputs.shape[1]
        assert plan is not None
        if plan.examples >= count:
            if self.step != session.step:
                run(plan, self.inputs)
                self.step = session.step
            found = answers(plan, number)[units]
        else:
            found = self.in_portions(plan, number, units)
        return found.reshape(len(found), self.rows, self.columns)

    def prepare(self, session: Session) -> None:
        """The grid of the session's data, and a plan of its trainer: both are kept until they are others."""
        if self.dataset is not session.dataset:
            data = session.dataset
            assert data.domain is not None
            with np.errstate(all="ignore"):
                self.inputs = data.encode(places(data.domain, self.rows, self.columns))
            self.dataset, self.trainer = data, None
        if self.trainer is not session.trainer:
            self.trainer, self.step = session.trainer, -1
            units = sum(layer.units for layer in self.trainer.layers)
            portion = max(1, NUMBERS_OF_A_PORTION // units)
            self.plan = self.trainer.evaluation(min(self.inputs.shape[1], portion))

    def in_portions(self, plan: Plan, number: int, units: slice) -> Array:
        """The same, (units, places), as many places at once as the plan has; the last portion begins earlier."""
        count, size = self.inputs.shape[1], plan.examples
        found = np.empty((len(answers(plan, number)[units]), count), answers(plan, number).dtype)
        for begin in range(0, count, size):
            begin = min(begin, count - size)
            run(plan, self.inputs[:, begin : begin + size])
            found[:, begin : begin + size] = answers(plan, number)[units]
        return found


def run(plan: Plan, inputs: Array) -> None:
    """The forward pass over inputs (features, n), as many as the plan has examples."""
    with np.errstate(all="ignore"):
        plan["X", None].array[:] = inputs
        for op in plan.ops:
            if op.phase == "forward":
                for call in op.calls:
                    call()


def answers(plan: Plan, number: int) -> Array:
    """What a layer hands on, (units, n): A, or of layer 0 the inputs."""
    return plan["A", number].array if number else plan["X", None].array
