"""The trainer: a network, its examples, its chance and its state, with the plans that its steps walk."""

from collections.abc import Iterator
from functools import partial
from itertools import count, cycle, islice

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.network import build_layers, start_parameters, start_statistics, write_network
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.network.schedule import rate_of_step
from backprop_tui.core.network.update import Steps, UpdateVectors, write_updates
from backprop_tui.core.ops.builder import Builder, Mode
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset import chance
from backprop_tui.core.preset.beginning import NOTHING_GIVEN, Beginning
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import ParameterName
from backprop_tui.core.preset.start_file import Start, read_start
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.value_class import dataclass

from .laying import Lay, Shuffled
from .limits import check_range, check_size
from .plan import Columns, Plan, evaluation_plan, finish, start
from .state import TrainingState
from .walk import Walk


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What the trainers of one run share: its `examples` as they are laid, and the `losses` that they collect.

    `optimizer_start` is the step boundary at which the optimizer of one of them began; None where it is that which the
    run began with.
    """

    examples: tuple[Array, ...]
    losses: list[float]
    optimizer_start: int | None = None


class Trainer:
    """Trains the network of `preset` on `dataset`.

    `seed` is that of initialization and order; data and split have their own, in the preset. `state` is the state at
    the last step boundary until the step's finish; `plan` is the plan of the step in hand. `losses` collects the
    batch loss of every step for whoever empties it.
    A trainer that takes over a run on its way has its examples and its losses `shared` with those before it.
    Raises PresetError for a start file that does not fit, for what would need more than 1 GB, and for data and start
    parameters that are too large for the run's number type.
    """

    def __init__(self, preset: Preset, dataset: Dataset, seed: int, shared: Shared | None = None) -> None:
        check_size(preset, dataset)
        check_range(preset, dataset)
        features, count = dataset.inputs.shape
        self.preset, self.seed = preset, seed
        self.layers: tuple[Layer, ...] = build_layers(preset.layers, features)
        self.columns = Columns(features, self.layers[-1].units)
        self.count: int = count
        self.batch_size: int = min(preset.training.batch_size or count, count)
        self.moments = len(OPTIMIZERS[preset.optimizer.kind].moments)
        start = None
        if preset.training.start is not None:
            start = dataset.start or read_start(preset, features)
        self.beginning = dataset.beginning if start is None else self.from_file(start)
        begun = None if shared is None else shared.optimizer_start
        goes_on = begun is None and self.beginning.kind == preset.optimizer.kind
        self.optimizer_start: int = 1 - self.beginning.step if goes_on else begun or 0
        self.dtype = np.dtype(preset.training.dtype)
        self.examples: tuple[Array, ...] = (
            shared.examples
            if shared is not None and shared.examples and shared.examples[0].dtype == self.dtype
            else self.columns.laid(dataset.inputs, dataset.targets, self.dtype)
        )
        parameters = start_parameters(preset, self.layers, seed, self.dtype, start)
        vectors = np.zeros((1 + 2 * self.moments, parameters.size), self.dtype)
        vectors[0] = parameters
        self.state = TrainingState(vectors, start_statistics(self.layers, self.dtype, start))
        if goes_on:
            self.lay_moments()
        self.gradient = np.zeros_like(parameters)
        self.delta = np.zeros_like(parameters)
        self.orders = chance.Places(seed, "order")
        self.drops = {layer.number: chance.Places(seed, "dropout", layer.number) for layer in self.layers}
        self.losses: list[float] = [] if shared is None else shared.losses
        whole, rest = divmod(count, self.batch_size)
        self.sizes = [self.batch_size] * whole + ([rest] if rest and not preset.training.drop_last else [])
        self.plans = {size: self.build_plans(size) for size in set(self.sizes)}
        self.slots = [
            (self.plans[size], slice(begin, begin + size))
            for begin, size in zip(range(0, count, self.batch_size), self.sizes, strict=False)
        ]
        self.epochs_before, self.slots_before = divmod(self.beginning.steps, len(self.sizes))
        self.plan: Plan = self.plans[self.sizes[self.slots_before]][0]

    @property
    def steps_per_epoch(self) -> int:
        return len(self.sizes)

    @property
    def events_per_step(self) -> int:
        """How many events a step yields; the same for every batch size."""
        return len(self.plan.ops) + 2

    def from_file(self, start: Start) -> Beginning:
        """How the run goes on from its start file. Raises PresetError where moments of the optimizer are missing."""
        if not start.goes_on:
            return NOTHING_GIVEN
        kind = self.preset.optimizer.kind
        if start.optimizer != kind:
            return Beginning(steps=start.step)
        moments = {}
        for layer in self.layers:
            for symbol, name in layer.names.items():
                for moment in OPTIMIZERS[kind].moments if name in start.parameters else ():
                    kept = start.moments.get((moment, name))
                    if kept is None:
                        raise start.file.error(
                            f'expected what {kind} has kept of {name} called "{moment}_{name}", found none'
                        )
                    moments[moment, symbol, layer.number] = kept
        return Beginning(kind=kind, step=start.optimizer_step + 1, steps=start.step, moments=moments)

    def lay_moments(self) -> None:
        """Start with what the optimizer is given as kept from steps before."""
        names = OPTIMIZERS[self.preset.optimizer.kind].moments
        for (name, symbol, layer), kept in self.beginning.moments.items():
            vector = self.state.vectors[1 + names.index(name)]
            self.layers[layer - 1].parameters(vector)[symbol][...] = kept

    def build_plans(self, examples: int) -> tuple[Plan, ...]:
        """The plans for so many examples, one for each half of the moments that a step may start from."""
        mode = Mode(statistics=self.state.statistics, draw_mask=self.draw_mask)
        builder = Builder(examples, self.state.parameters, self.gradient, mode)
        batch, X = start(builder, self.columns)
        if examples == self.count:
            # One batch that holds everything is laid once.
            for laid, array in zip(self.examples, batch, strict=True):
                np.copyto(array, laid)
        write_network(builder, self.layers, self.preset.loss.kind, X, backward=True)
        apply = (partial(np.add, self.state.parameters, self.delta, self.state.parameters),)
        steps = Steps(self.whole_step, self.optimizer_step)
        plans = []
        for parity in range(2 if self.moments else 1):
            branch = builder.branch()
            vectors = self.update_vectors(parity)
            write_updates(branch, self.layers, self.preset.optimizer, vectors, steps)
            plans.append(finish(branch, batch, apply))
        return tuple(plans)

    def update_vectors(self, parity: int) -> UpdateVectors:
        """What an update reads and writes in a step that starts from the moments of even (0) or odd (1) steps."""
        even, odd = self.moment_halves
        before, after = (odd, even) if parity else (even, odd)
        return UpdateVectors(self.state.parameters, self.gradient, tuple(before), tuple(after), self.delta)

    def running_step(self) -> int:
        """The number of the step in hand, from 1."""
        return self.state.step + 1

    def whole_step(self) -> int:
        """The same with the steps that were done before this run began, where it goes on from a file."""
        return self.running_step() + self.beginning.steps

    def optimizer_step(self) -> int:
        """The same as the optimizer counts: from the step at which it began, which may lie before the run."""
        return self.running_step() - self.optimizer_start

    def learning_rate(self, step: int) -> float:
        """That of step `step` of this run, from 1."""
        return rate_of_step(self.preset.optimizer, step + self.beginning.steps)

    @property
    def moment_halves(self) -> tuple[Array, Array]:
        """(moments, size) each: what even and what odd steps start from; views."""
        rows = self.state.vectors[1:]
        return rows[: self.moments], rows[self.moments :]

    @property
    def moment_vectors(self) -> tuple[Array, ...]:
        """(size,) each: what the optimizer keeps at the last step boundary; views."""
        return tuple(self.moment_halves[self.state.step % 2])

    @property
    def layout(self) -> tuple[tuple[int, int, int], ...]:
        """Where the parameters of each layer stand, and how many they are."""
        return tuple((layer.start, layer.inputs, layer.size) for layer in self.layers)

    def take_over(self, state: TrainingState) -> None:
        """Go on from the state of another trainer; moments of another kind of optimizer are not taken along."""
        self.state.vectors[:] = 0
        if self.optimizer_start < state.step and len(state.vectors) == len(self.state.vectors):
            self.state.vectors[:] = state.vectors
        self.state.parameters[:] = state.parameters
        self.state.statistics[:] = state.statistics
        self.state.step = state.step

    def assign(self, name: ParameterName, value: float) -> None:
        """Set one parameter."""
        array = self.layers[name.layer - 1].parameters(self.state.parameters)[name.symbol]
        array[name.index] = value

    def draw_mask(self, layer: int, mask: Array) -> None:
        """Fill the dropout mask (units, m) of a layer for the step in hand."""
        self.fill_mask(layer, mask, self.running_step())

    def fill_mask(self, layer: int, mask: Array, step: int) -> None:
        """Fill a mask (units, m): 0 for a dropped unit, else one over the share kept; drawn, unless it is given."""
        keep = 1 - self.layers[layer - 1].dropout
        kept = self.beginning.kept.get(layer) if step == 1 else None
        if kept is None or kept.shape != mask.shape:
            kept = self.drops[layer].at(self.beginning.steps + step).random(mask.shape) < keep
        np.multiply(kept, 1 / keep, mask)

    def masks(self, step: int, examples: int) -> dict[int, Array]:
        """The dropout masks (units, m) of step `step`, from 1, with so many examples, by layer."""
        found = {}
        for layer in self.layers:
            if layer.dropout:
                found[layer.number] = np.zeros((layer.units, examples), self.dtype)
                self.fill_mask(layer.number, found[layer.number], step)
        return found

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The order of the training examples in an epoch of this run, counted from 0."""
        if self.preset.training.shuffle:
            return self.orders.at(self.epochs_before + epoch).permutation(self.count)
        return np.arange(self.count)

    def place_of(self, step: int) -> tuple[int, int]:
        """The epoch of this run and the place in it of step `step`; all counted from 0.

        Of a run that goes on from the middle of an epoch, what is left of that is epoch 0.
        """
        return divmod(self.slots_before + step, self.steps_per_epoch)

    def steps_of_epochs(self, epochs: int) -> int:
        """How many steps of this run its first so many epochs have."""
        return max(epochs * self.steps_per_epoch - self.slots_before, 0)

    def schedule(self) -> Iterator[tuple[Plan, Lay | None]]:
        """The plan of every step from the state's on, and what lays its batch; None where that is laid for good."""
        epoch, slot = self.place_of(self.state.step)
        if self.batch_size == self.count:
            plans = self.plans[self.count]
            return islice(cycle((plan, None) for plan in plans), self.state.step % len(plans), None)
        return self.batches(epoch, slot)

    def batches(self, epoch: int, slot: int) -> Iterator[tuple[Plan, Lay]]:
        """The plan of every step from the one in `slot` of `epoch` on, for ever, and what lays its batch."""
        step = self.state.step
        shuffled = Shuffled(self.examples, self.columns.axes, [(plans[0].batch, part) for plans, part in self.slots])
        for number in count(epoch):
            for (plans, _), lay in zip(self.slots[slot:], shuffled.lays(self.order(number), slot), strict=True):
                yield plans[step % len(plans)], lay
                step += 1
            slot = 0

    def batch_of(self, step: int) -> tuple[Array, Array]:
        """Inputs (features, m) and targets (outputs, m) of the batch of step `step`, from 1; copies."""
        epoch, slot = self.place_of(step - 1)
        chosen = self.order(epoch)[self.slots[slot][1]] if self.batch_size < self.count else slice(None)
        inputs, targets = self.columns.parts(self.examples)
        return inputs[:-1, chosen].copy(), targets[:, chosen].copy()

    def walk(self) -> Walk:
        """A walk through the steps from the present state on; before its first op its plan is the one in hand."""
        self.plan = next(self.schedule())[0]
        return Walk(self)

    def evaluation(self, examples: int) -> Plan:
        """A plan of forward pass and loss for so many examples, over this trainer's parameters."""
        state = self.state
        return evaluation_plan(
            self.layers, self.preset.loss.kind, state.parameters, state.statistics, self.columns, examples
        )
