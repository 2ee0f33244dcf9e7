"""Whether a remedy does what is said of it."""

import numpy as np

from backprop_tui.core.diagnosis.findings import Finding, Remedy
from backprop_tui.core.session.session import Session


def as_said(again: Session, finding: Finding, remedy: Remedy) -> bool:
    """Whether a fresh run with a remedy comes to the loss that is told, and the finding is gone if that is told."""
    assert remedy.measured is not None
    again.advance(again.timeline.finish_of(remedy.measured.steps))
    loss = again.evaluator.training().loss if not again.diverged else np.inf
    there = [
        each for each in again.findings() if each.active and (each.rule, each.layer) == (finding.rule, finding.layer)
    ]
    gone = all(each.severity == "info" != finding.severity for each in there)
    said = remedy.measured.loss
    same = loss == said or bool(np.isclose(loss, said, rtol=1e-9, atol=0))
    return same and remedy.measured.clears == gone
