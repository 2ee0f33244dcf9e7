"""What a diagnosis says: symptoms that a rule sees in one measurement, and findings that are made of lasting ones."""

from math import inf
from typing import Any, Literal

from backprop_tui.core.value_class import dataclass

from .statistics import Units

Severity = Literal["info", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Symptom:
    """What rule `rule` sees: `value` is on the wrong side of `limit`; `evidence` says so with all the numbers.

    `layer` is None for what is no layer's; `units` count from 1. `lasting` tells symptoms of one rule apart that are
    followed separately: the layer, where each layer may have its own. `form`: which of a rule's forms it is.
    """

    rule: str
    severity: Severity
    evidence: str
    value: float
    limit: float | None
    layer: int | None = None
    units: Units = ()
    lasting: int | None = None
    form: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a remedy when it was tried for `steps` steps: the `loss` of the whole training set then.

    `clears`: whether the finding is gone by then. `says`: the figures in words, beside those of the run without it.
    """

    steps: int
    loss: float
    clears: bool
    says: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What may help: words, and the changes of the preset that make it, by dotted path.

    `measured` is None, and `helps` with it, where it was not tried.
    """

    text: str
    set: dict[str, Any]
    measured: Measured | None = None
    helps: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A symptom that lasted, found in `step`, with its cause as measured there and what helps.

    `cleared`: the step at which it was found gone; infinity as long as it is there.
    """

    symptom: Symptom
    step: int
    cause: str
    remedies: tuple[Remedy, ...]
    cleared: float = inf

    @property
    def rule(self) -> str:
        return self.symptom.rule

    @property
    def severity(self) -> Severity:
        return self.symptom.severity

    @property
    def layer(self) -> int | None:
        return self.symptom.layer

    @property
    def units(self) -> Units:
        return self.symptom.units

    @property
    def evidence(self) -> str:
        return self.symptom.evidence

    @property
    def threshold(self) -> float | None:
        return self.symptom.limit

    @property
    def active(self) -> bool:
        """Whether it was still there when last measured."""
        return self.cleared == inf
