"""The findings of a recording for whoever asks again and again, of one that grows no oftener than its length allows."""

from dataclasses import replace
from math import inf
from time import perf_counter

from backprop_tui.core.diagnosis.findings import Finding

from .reader import Recording
from .recorded_diagnosis import diagnose_recording

PAUSE = 20
"""Times as long as a diagnosis took, until the next one of a recording that has grown."""


class RecordedFindings:
    """What was found in `recording`. Raises PresetError where the file is damaged."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.found: tuple[Finding, ...] = ()
        self.steps = -1
        self.due = 0.0

    def up_to(self, step: int) -> list[Finding]:
        """Those of the steps up to `step`, as they stood then."""
        begin = perf_counter()
        if self.steps != self.recording.losses.count and begin >= self.due:
            self.found, self.steps = diagnose_recording(self.recording).findings, self.recording.losses.count
            self.due = perf_counter() + PAUSE * (perf_counter() - begin)
        return [
            finding if finding.cleared <= step else replace(finding, cleared=inf)
            for finding in self.found
            if finding.step <= step
        ]
