"""The app from the command line: run until it is left, and what is said then."""

from typing import TYPE_CHECKING

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.command_line.console import complain

from .app import AppRequest, BackpropApp

if TYPE_CHECKING:
    from backprop_tui.core.recording.reader import Recording
    from backprop_tui.core.recording.recorded_session import RecordedSession
    from backprop_tui.core.verify.handed_in import HandedIn


def run_app(
    request: AppRequest,
    session: Session | None = None,
    handed_in: "HandedIn | None" = None,
    recording: "Recording | RecordedSession | None" = None,
) -> int:
    """Run the app, on `session` or `recording` where the request has been loaded already, and return the exit status.

    `handed_in`: somebody's own numbers of the session's first step, to stand beside its own.
    """
    app = BackpropApp(request, session, handed_in, recording)
    try:
        app.run()
    finally:
        request.config.write()
    if app.ended_by:
        complain(f"ended by a fault of its own: {app.ended_by}")
    elif fault_report.written:
        paths = ", ".join(str(path) for path in fault_report.written.values())
        complain(f"it met faults of its own, and went on; reports: {paths}")
    return app.return_code or 0
