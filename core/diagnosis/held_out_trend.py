"""How the loss of the test set goes beside that of the training batches: what tells overfitting."""

from backprop_tui.core.value_class import dataclass

OVERFIT = 1.25
"""A test loss this many times its lowest has risen (nnscope takes 1.15, SageMaker Debugger a gap of 0.1) …"""
LEARNED = 0.9
"""… and tells of overfitting where the training loss is under this share of what it was at that lowest (nnscope)."""


@dataclass(frozen=True, slots=True)
class HeldOutTrend:
    """The `lowest` loss of the test set, at `step`, and that of the training batches then; the last of both.

    `overfit`: for how many evaluations in a row the test loss has been risen, and the training loss fallen.
    """

    step: int
    lowest: float
    training_then: float
    last: float
    training: float
    overfit: int = 0

    def after(self, step: int, test: float, training: float) -> "HeldOutTrend":
        """The trend with one more evaluation."""
        if test < self.lowest:
            return HeldOutTrend(step, test, training, test, training)
        apart = test > OVERFIT * self.lowest and training < LEARNED * self.training_then
        return HeldOutTrend(
            self.step, self.lowest, self.training_then, test, training, self.overfit + 1 if apart else 0
        )
