"""Breakpoints: what a run can be made to stop at, each with its definition.

Whether one holds in a step is a function of the run alone, of that step and the one before it: never of how the run
was gone through, nor of when the breakpoint was set. Of a number that stays beyond its limit only the crossing
counts. `watch` goes through a run with them, `checks` says how each is found.
"""

from math import inf, isfinite

from backprop_tui.core.ops.expression import MINUS
from backprop_tui.core.preset.schema import suggestion
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of breakpoint, for a list on a screen.

    `default` is its number, None where it needs none; the number is above 0 and at most `largest`.
    """

    title: str
    explanation: str
    default: float | None = None
    largest: float = inf


KINDS: dict[str, Kind] = {
    "loss_rises": Kind(
        "loss rises",
        "The loss of a step's batch is above that of the step before; with mini-batches that is of other examples.",
    ),
    "not_finite": Kind(
        "value not finite",
        "An op writes NaN or infinity, after a step that wrote none.",
    ),
    "unit_dies": Kind(
        "unit dies",
        "A relu unit that gave something for some training example gives 0 for all of them after an update.",
    ),
    "gradient_below": Kind(
        "gradient norm falls below",
        "‖∇ℒ‖ of all trained parameters, before clipping, comes below the number: in the step before it was not.",
        1e-6,
    ),
    "gradient_above": Kind(
        "gradient norm rises above",
        "‖∇ℒ‖ of all trained parameters, before clipping, comes above the number: in the step before it was not.",
        100.0,
    ),
    "sign_changes": Kind(
        "weight changes sign",
        "The parameter in the spotlight goes from above 0 to 0 or below, or from below 0 to 0 or above.",
    ),
    "prediction_flips": Kind(
        "prediction flips",
        "After an update the network, in evaluation mode, gives the spotlight's example another class than before.",
    ),
    "accuracy_reaches": Kind(
        "accuracy reaches",
        "The accuracy over the whole training set, in evaluation mode, comes to the number or above it.",
        0.9,
        1.0,
    ),
}


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One breakpoint. `number` None stands for its kind's default.

    Raises ValueError for a kind that is none, and for a number that the kind does not take.
    """

    kind: str
    number: float | None = None
    enabled: bool = True

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f'expected a breakpoint, found "{self.kind}"{suggestion(self.kind, list(KINDS))}')
        kind, number = self.definition, self.number
        if number is None:
            return
        if kind.default is None:
            raise ValueError(f"{kind.title}: takes no number, found {number:g}; leave it out")
        if not (isfinite(number) and 0 < number <= kind.largest):
            most = f" and at most {kind.largest:g}" if isfinite(kind.largest) else ""
            raise ValueError(f"{kind.title}: expected a number above 0{most}, found {number:g}")

    @property
    def definition(self) -> Kind:
        return KINDS[self.kind]

    @property
    def limit(self) -> float:
        """The number, or its kind's default. Raises LookupError for a kind without."""
        found = self.definition.default if self.number is None else self.number
        if found is None:
            raise LookupError(f"{self.definition.title} takes no number")
        return found

    def text(self) -> str:
        """`loss rises`, `gradient norm falls below 1e-06`."""
        title = self.definition.title
        return title if self.definition.default is None else f"{title} {self.limit:g}"


def written(number: float) -> str:
    """A number in the reason for a stop: six digits."""
    return f"{number:.6g}".replace("-", MINUS, 1) if number < 0 else f"{number:.6g}"
