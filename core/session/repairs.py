"""What may be changed besides where the core refuses a change: a small catalogue of repairs, by what is refused.

A repair is proposed by where in the preset the error stands; whether it helps is for the preset's own rules to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from backprop_tui.core.preset.data_table import GENERATED_SETS
from backprop_tui.core.preset.preset import DEFAULT_LOSSES, MOST_NOISE, REQUIRED_OUTPUTS
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.structure import EXACT
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.value_class import dataclass

Changes = dict[str, Any]
SCALES = {"uniform": 0.5, "normal": 0.1, "constant": 0.1}
"""The scale of start weights where one is needed and none is given."""
DROPPED = {
    "data.features",
    "data.classes",
    "data.added",
    "data.removed",
    "data.rows",
    "data.playground_seed",
    "data.normalize_targets",
    "view.example",
    "view.spotlight",
    "training.start",
}
"""What has its default again where it does not fit any more."""
NUMBERS_LOSSES = ("mean_squared_error", "half_squared_error")


@dataclass(frozen=True, slots=True)
class Repair:
    """Further changes, and what they cost: the smallest are tried first."""

    changes: Changes
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Refused:
    """A table that is refused, and what is known of the run that it was to change: its preset, `outputs` and `inputs`.

    `outputs` are the numbers of output units that data may ask for, `inputs` how many the network has.
    """

    table: Mapping[str, Any]
    error: PresetError
    old: Preset
    outputs: tuple[int, ...]
    inputs: int | None

    @property
    def layers(self) -> list[dict[str, Any]]:
        layers = self.table.get("layers")
        return layers if isinstance(layers, list) and all(isinstance(one, dict) for one in layers) else []

    @property
    def data(self) -> Mapping[str, Any]:
        data = self.table.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def loss(self) -> str:
        """The loss that the table has, or that follows from its output."""
        loss = self.table.get("loss")
        kind = loss.get("kind") if isinstance(loss, dict) else None
        given = kind if isinstance(kind, str) else ""
        return given or DEFAULT_LOSSES.get(self.activation, "mean_squared_error")

    @property
    def output(self) -> dict[str, Any]:
        return self.layers[-1] if self.layers else {}

    @property
    def activation(self) -> str:
        """That of the output, "" where the table has none that could be one."""
        found = self.output.get("activation")
        return found if isinstance(found, str) else ""


def repairs(refused: Refused) -> Iterator[Repair]:
    """What may help; nothing for an error that stands in no key which a repair is known for."""
    path = refused.error.place.path if refused.error.place is not None else ""
    table, _, key = path.partition(".")
    # A list that is wrong in one entry is dropped as a whole.
    setting = ".".join(path.split(".")[:2])
    if setting in DROPPED:
        yield Repair({setting: None})
    if setting == "data.noise":
        yield Repair({"data.noise": MOST_NOISE})
    if setting == "training.drop_last":
        yield Repair({"training.drop_last": False})
        yield Repair({"training.batch_size": 0}, 2.0)
    if setting == "loss.kind":
        yield from for_loss(refused)
    if setting in ("data.targets", "data.classes") or path in ("layers", "data"):
        yield from outputs(refused)
    if table == "layers" and key:
        index, _, name = key.partition(".")
        if index.isdecimal() and int(index) < len(refused.layers):
            yield from for_layer(refused, int(index), name.partition(".")[0])


def for_loss(refused: Refused) -> Iterator[Repair]:
    """Loss and output go together: the loss that fits the output, or the output that fits the loss."""
    if not refused.layers:
        return
    last = len(refused.layers) - 1
    fitting = DEFAULT_LOSSES.get(refused.activation, squared(refused))
    yield Repair({"loss.kind": fitting})
    if (needed := REQUIRED_OUTPUTS.get(refused.loss)) is not None:
        yield Repair({f"layers.{last}.activation": needed}, 1.5)


def squared(refused: Refused) -> str:
    """The squared error that the run has, or the mean one."""
    return refused.old.loss.kind if refused.old.loss.kind in NUMBERS_LOSSES else NUMBERS_LOSSES[0]


def outputs(refused: Refused) -> Iterator[Repair]:
    """Output and loss as data may ask for: for two classes, more of them, or numbers."""
    last = len(refused.layers) - 1
    if last < 0:
        return
    error = squared(refused)
    # Classes can be told by numbers too, but numbers by no cross-entropy: the outputs of classes come first.
    wanted = [(1, "sigmoid", "binary_cross_entropy")]
    wanted += [(count, "softmax", "cross_entropy") for count in refused.outputs if count > 1]
    if refused.old.layers[-1].activation == "tanh":
        wanted.insert(0, (1, "tanh", error))
    wanted += [(count, "identity", error) for count in refused.outputs]
    for rank, (units, activation, loss) in enumerate(wanted):
        settings = {"units": units, "activation": activation}
        changes: Changes = {
            f"layers.{last}.{key}": value for key, value in settings.items() if refused.output.get(key) != value
        }
        # Said in any case: without it another output has another loss.
        changes["loss.kind"] = loss
        yield Repair(changes, 1 + 0.001 * rank)
    # Where the kind of output was asked for, only the number of its units.
    for count in refused.outputs:
        yield Repair({f"layers.{last}.units": count}, 3.0)
    yield Repair({"loss.kind": error}, 3.0)


def for_layer(refused: Refused, index: int, key: str) -> Iterator[Repair]:
    """What may help where `key` of table `index` is refused."""
    layers, place = refused.layers, f"layers.{index}"
    layer, last = layers[index], index == len(refused.layers) - 1
    if key in EXACT:
        yield Repair({f"{place}.{key}": None})
    if key in ("dropout", "residual") and last:
        yield Repair({f"{place}.{key}": None})
        yield Repair({"loss.kind": squared(refused)}, 1.5)
    if key == "residual":
        yield Repair({f"{place}.residual": False})
        yield from same_width(refused, index)
    if key == "init_scale":
        scale = layer.get("init_scale")
        if isinstance(scale, int | float) and scale < 0:
            yield Repair({f"{place}.init_scale": -scale})
            yield Repair({f"{place}.init": "constant"}, 1.5)
        else:
            yield Repair({f"{place}.init_scale": SCALES.get(str(layer.get("init")), 0.1)})
    if key == "units" and last:
        yield from outputs(refused)
    if key == "activation":
        if last:
            yield Repair({f"{place}.repeat": None})
            yield from outputs(refused)
        else:
            yield Repair({f"{place}.activation": hidden_activation(refused.old)}, 1.5)


def same_width(refused: Refused, index: int) -> Iterator[Repair]:
    """As many units as the layer below has, or there as many as here."""
    layers = refused.layers
    below = layers[index - 1].get("units") if index else refused.inputs
    if below is not None and index < len(layers) - 1:
        yield Repair({f"layers.{index}.units": below}, 2.0)
    if index:
        yield Repair({f"layers.{index - 1}.units": layers[index].get("units")}, 2.5)


def hidden_activation(preset: Preset) -> str:
    """That of the first hidden layer; tanh where there is none, or one that stands only in the last."""
    first = preset.layers[0].activation
    return "tanh" if len(preset.layers) == 1 or first == "softmax" else first


def implied(old: Preset, changes: Mapping[str, Any]) -> Changes:
    """What has no sense among other examples: points that were put in, and those taken out by their number."""
    if "data" in changes:
        return {}
    drawn = {"seed", "data.samples", "data.playground_seed"} if old.data.kind in GENERATED_SETS else set()
    found: Changes = {}
    for path, given, by in (
        ("data.added", old.data.added, {"data.kind", "data.path"}),
        ("data.removed", old.data.removed, {"data.kind", "data.path"} | drawn),
    ):
        if given and by & set(changes) and path not in changes:
            found[path] = None
    return found
