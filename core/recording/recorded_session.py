"""A recording that can be gone through op by op, as a session; while it is being written, with what has been added."""

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session

from .own_run import apart, difference_text, reopen
from .reader import Recording
from .rebuilt import RebuiltSession
from .recorded_findings import RecordedFindings


class RecordedSession:
    """`session` is the run as far as it was recorded, which is `count` events; it stands at the end of it."""

    def __init__(self, recording: Recording, session: Session, said: str = "") -> None:
        self.recording, self.said = recording, said
        self.of_step: tuple[int, str] | None = None
        self.findings = RecordedFindings(recording)
        self.begin_with(session)

    def begin_with(self, session: Session) -> None:
        """Go to the end of a session, and take it from now on."""
        if isinstance(session, RebuiltSession):
            session.found_up_to = self.findings.up_to
            session.seek(session.end_count)
        self.session, self.count = session, session.count

    @property
    def note(self) -> str:
        """What is to be known of the numbers at the position: of somebody's own training, how far they are apart."""
        session = self.session
        if not isinstance(session, RebuiltSession):
            return self.said
        step = session.position.step
        if self.of_step is None or self.of_step[0] != step:
            found = session.apart(step)
            self.of_step = (step, self.said if found is None else f"{found.text}{self.said}")
        return self.of_step[1]

    def refresh(self) -> bool:
        """Take in what has been written since, as another session; whether there was something. Raises PresetError."""
        before = (self.recording.losses.count, self.recording.steps)
        if not self.recording.refresh() or (self.recording.losses.count, self.recording.steps) == before:
            return False
        session = self.session
        self.begin_with(session.refreshed() if isinstance(session, RebuiltSession) else reopen(self.recording))
        return True


def recorded_session(recording: Recording) -> RecordedSession:
    """The session of a recording. Raises PresetError where what was recorded does not make one."""
    if recording.origin != "preset":
        session = RebuiltSession(recording)
        left_out = f"; {session.left_out:,} kept steps are not whole, and left out" if session.left_out else ""
        return RecordedSession(recording, session, left_out)
    own = reopen(recording)
    return RecordedSession(recording, own, difference_text(apart(recording, own)) or "")


def opened(recording: Recording) -> Recording | RecordedSession:
    """A recording as far as it can be gone through: as a session, or somebody's own training by its kept steps alone.

    Raises PresetError for a run of ours that cannot be opened.
    """
    try:
        return recorded_session(recording)
    except PresetError:
        if recording.origin == "preset":
            raise
        return recording
