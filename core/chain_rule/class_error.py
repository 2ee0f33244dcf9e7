"""The error of a classification as the textbook has it: for each output p, y and p − y."""

from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class ClassError:
    """Output `output` (from 0): what the network gives it, what the target asks for, and the difference of the two."""

    output: int
    given: float
    asked: float

    @property
    def error(self) -> float:
        return self.given - self.asked


def class_errors(plan: Plan, last: int, example: int) -> list[ClassError]:
    """Those of every output for an example (from 0), in order; `last` is the number of the output layer."""
    given, asked = plan["A", last].array[:, example], plan["Y", None].array[:, example]
    return [ClassError(k, float(p), float(y)) for k, (p, y) in enumerate(zip(given, asked, strict=True))]


def largest_errors(errors: list[ClassError], most: int) -> list[ClassError]:
    """The `most` of them that err most, in their own order; all where there are no more."""
    kept = sorted(errors, key=lambda one: -abs(one.error))[:most]
    return [one for one in errors if one in kept]
