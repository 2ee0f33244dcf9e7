"""The trainer: one generator that walks plans and yields each op when it has run.

`next()` is one op, a `for` loop is full speed, and stopping is not calling it. There is no other path: what is
stepped through by hand is what trains at full speed.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, cycle, islice

import numpy as np
from numpy.typing import NDArray

from . import chance
from .builder import Builder
from .datasets import Dataset
from .event import Call, Op
from .layer import Layer
from .limits import check_size, check_supported
from .network import build_layers, start_parameters, write_network
from .optimizers import OPTIMIZERS, Update, UpdateVectors, write_updates
from .plan import Columns, Plan, evaluation_plan, finish, start
from .quantity import Array
from .state import TrainingState
from .tables import Preset


class Trainer:
    """Trains the network of `preset` on `dataset`.

    `seed` is that of initialization and order; data and split have their own, in the preset. `state` is the state at
    the last step boundary until the step's finish; `plan` is the plan of the step in hand. `losses` collects the
    batch loss of every step for whoever empties it.
    Raises PresetError for what this version cannot build and for what would need more than 1 GB.
    """

    def __init__(self, preset: Preset, dataset: Dataset, seed: int) -> None:
        check_supported(preset)
        features, count = dataset.inputs.shape
        self.preset, self.seed = preset, seed
        self.layers: tuple[Layer, ...] = build_layers(preset.layers, features)
        self.columns = Columns(features, self.layers[-1].units)
        self.count: int = count
        self.batch_size: int = min(preset.training.batch_size or count, count)
        self.rule = OPTIMIZERS[preset.optimizer.kind]
        check_size(preset, self.layers, dataset, self.batch_size, len(self.rule.moments))
        self.settings = {name: float(getattr(preset.optimizer, name)) for name in self.rule.settings}
        self.dtype = np.dtype(preset.training.dtype)
        self.examples = self.columns.laid(dataset.inputs, dataset.targets, self.dtype)
        parameters = start_parameters(preset, self.layers, seed, self.dtype)
        self.state = TrainingState(np.zeros((1 + 2 * len(self.rule.moments), parameters.size), self.dtype))
        self.state.parameters[:] = parameters
        self.gradient = np.zeros_like(parameters)
        self.delta = np.zeros_like(parameters)
        self.orders = chance.Places(seed, "order")
        self.losses: list[float] = []
        whole, rest = divmod(count, self.batch_size)
        self.sizes = [self.batch_size] * whole + ([rest] if rest and not preset.training.drop_last else [])
        self.plans = {size: self.build_plans(size) for size in set(self.sizes)}
        self.slots = [
            (self.plans[size], slice(begin, begin + size))
            for begin, size in zip(range(0, count, self.batch_size), self.sizes, strict=False)
        ]
        self.plan: Plan = self.plans[self.sizes[0]][0]

    @property
    def steps_per_epoch(self) -> int:
        return len(self.sizes)

    @property
    def events_per_step(self) -> int:
        """How many events a step yields; the same for every batch size."""
        return len(self.plan.ops) + 2

    def build_plans(self, examples: int) -> tuple[Plan, ...]:
        """The plans for so many examples, one for each half of the moments that a step may start from."""
        builder = Builder(examples, self.state.parameters, self.gradient)
        batch, X = start(builder, self.columns)
        if examples == self.count:
            # One batch that holds everything is laid once.
            for laid, array in zip(self.examples, batch, strict=True):
                np.copyto(array, laid)
        write_network(builder, self.layers, self.preset.loss.kind, X, backward=True)
        apply = (partial(np.add, self.state.parameters, self.delta, self.state.parameters),)
        plans = []
        for parity in range(2 if self.rule.moments else 1):
            branch = builder.branch()
            write_updates(branch, self.layers, self.update(branch, parity))
            plans.append(finish(branch, batch, apply))
        return tuple(plans)

    def update(self, builder: Builder, parity: int) -> Update:
        """What the update ops of a step need that starts from the moments of even (0) or odd (1) steps."""
        moments = tuple(self.state.vectors[1:])
        half = len(self.rule.moments)
        before, after = (moments[half:], moments[:half]) if parity else (moments[:half], moments[half:])
        mask = None if self.preset.optimizer.train_biases else trained_mask(self.layers, self.dtype)
        applied = self.gradient if mask is None else np.zeros_like(self.gradient)
        vectors = UpdateVectors(applied, before, after, self.delta)
        numbers = self.rule.constants(self.settings) | self.constants_of_step()
        constants = {name: np.array(value, self.dtype) for name, value in numbers.items()}
        calls: list[Call] = [] if mask is None else [partial(np.multiply, self.gradient, mask, applied)]
        if self.rule.of_step is not None:
            calls.append(partial(self.set_constants, constants))
        calls += self.rule.write(vectors, constants)
        return Update(self.rule, self.settings, self.running_step, vectors, mask, tuple(calls))

    def running_step(self) -> int:
        """The number of the step in hand, from 1."""
        return self.state.step + 1

    def set_constants(self, constants: dict[str, Array]) -> None:
        """Bring the optimizer's constants to the step in hand."""
        for name, value in self.constants_of_step().items():
            constants[name][()] = value

    def constants_of_step(self) -> dict[str, float]:
        """Those of the optimizer's constants that depend on the number of the step in hand."""
        return {} if self.rule.of_step is None else self.rule.of_step(self.settings, self.running_step())

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The order of the training examples in an epoch, counted from 0."""
        if self.preset.training.shuffle:
            return self.orders.at(epoch).permutation(self.count)
        return np.arange(self.count)

    def schedule(self) -> Iterator[tuple[Plan, NDArray[np.intp] | None]]:
        """The plan and the examples of every step from the state's on; None where the batch is laid for good."""
        epoch, slot = divmod(self.state.step, self.steps_per_epoch)
        if self.batch_size == self.count:
            plans = self.plans[self.count]
            return islice(cycle((plan, None) for plan in plans), self.state.step % len(plans), None)
        return self.batches(epoch, slot)

    def batches(self, epoch: int, slot: int) -> Iterator[tuple[Plan, NDArray[np.intp]]]:
        """The plan and the examples of every step from the one in `slot` of `epoch` on, for ever."""
        step = epoch * self.steps_per_epoch + slot
        for number in count(epoch):
            order = self.order(number)
            for plans, part in self.slots[slot:]:
                yield plans[step % len(plans)], order[part]
                step += 1
            slot = 0

    def begin(self) -> Iterator[Op]:
        """The events from the present state on, and the plan of the first of them."""
        self.plan = next(self.schedule())[0]
        return self.events()

    def events(self) -> Iterator[Op]:
        """Train for ever from the present state, yielding each op of each step when it has run."""
        state = self.state
        programs = {plan: program(plan) for plans in self.plans.values() for plan in plans}
        takes = [examples.take for examples in self.examples]
        gathers = {plan: tuple(zip(takes, self.columns.axes, plan.batch, strict=True)) for plan in programs}
        record: Callable[[float], None] = self.losses.append
        for plan, chosen in self.schedule():
            self.plan = plan
            if chosen is not None:
                for take, axis, batch in gathers[plan]:
                    # "clip" writes into the batch without a buffer between; no index is out of bounds.
                    take(chosen, axis, batch, "clip")
            yield plan.started
            for call, op in programs[plan]:
                call()
                if op is not None:
                    yield op
            for call in plan.finished.calls:
                call()
            state.step += 1
            record(plan.loss())
            yield plan.finished

    def evaluation(self, examples: int) -> Plan:
        """A plan of forward pass and loss for so many examples, over this trainer's parameters."""
        return evaluation_plan(self.layers, self.preset.loss.kind, self.state.parameters, self.columns, examples)


def program(plan: Plan) -> tuple[tuple[Call, Op | None], ...]:
    """The calls of all ops in a row, each with the op that it ends or None: faster to walk than loops in a loop."""
    steps: list[tuple[Call, Op | None]] = []
    for op in plan.ops:
        # An op whose work an earlier one has done has no call of its own, but an event all the same.
        *calls, last = op.calls or (nothing,)
        steps += [(call, None) for call in calls]
        steps.append((last, op))
    return tuple(steps)


def nothing() -> None:
    """The call of an op that has none."""


def trained_mask(layers: tuple[Layer, ...], dtype: np.dtype[np.floating]) -> Array:
    """(size,): 1 for weights, 0 for biases."""
    mask: Array = np.ones(sum(layer.size for layer in layers), dtype)
    for layer in layers:
        biases = layer.biases(mask)
        if biases is not None:
            biases[:] = 0
    return mask
