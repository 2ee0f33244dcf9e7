"""Reports of faults: what stands in them, where they are written, and that each fault is reported once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backprop_tui import __version__
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.command_line.fault_report import report

Sessions = Callable[..., Session]
Reports = Callable[[], list[str]]


def fault(words: str = "no such unit") -> KeyError:
    """An exception as it comes out of the program."""
    try:
        raise KeyError(words)
    except KeyError as error:
        return error


def test_a_report_says_what_went_wrong_where_and_in_which_run(session_of: Sessions, reports: Reports) -> None:
    session = session_of("xor", seed=7)
    session.forward("layer")
    said = report(fault(), "drawing Weights", session)
    (path,) = fault_report.written.values()
    assert said == f"KeyError: 'no such unit' (report: {path})"
    (text,) = reports()
    for part in (__version__, "drawing Weights", "seed 7", "step 1, 3 events", "KeyError", __file__):
        assert part in text


def test_a_fault_is_reported_once_and_another_one_anew(reports: Reports) -> None:
    first = [report(fault(), "drawing", None) for _ in range(3)]
    assert len(set(first)) == len(reports()) == 1
    try:
        raise ValueError
    except ValueError as error:
        other = report(error, "drawing", None)
    assert other not in first
    assert other.startswith("ValueError (")
    assert len(reports()) == 2


def test_where_nothing_can_be_written_it_goes_among_the_temporary_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reports: Reports
) -> None:
    (tmp_path / "file").write_text("")
    taken = [tmp_path / "temporary" / "backprop-tui-fault-1.txt", tmp_path / "file" / "state"]
    taken[0].parent.mkdir()
    taken[0].write_text("mine")
    monkeypatch.setattr(fault_report, "folders", lambda: [taken[1], taken[0].parent])
    report(fault(), "drawing", None)
    assert list(fault_report.written.values()) == [tmp_path / "temporary" / "backprop-tui-fault-2.txt"]
    assert taken[0].read_text() == "mine"
    assert sorted(path.name for path in taken[0].parent.iterdir()) == [
        "backprop-tui-fault-1.txt",
        "backprop-tui-fault-2.txt",
    ]


def test_where_nothing_can_be_written_at_all_the_line_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reports: Reports
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(fault_report, "folders", lambda: [tmp_path / "file" / "state", tmp_path / "file"])
    assert report(fault(), "drawing", None) == "KeyError: 'no such unit' (no report could be written)"


@pytest.mark.parametrize("words", ["x" * 500, "a\nb", "\ud800", "\x1b[31m", ""])
def test_whatever_an_exception_says_it_is_one_short_line(words: str, reports: Reports) -> None:
    said = report(fault(words), "drawing", None)
    assert len(said.split(" (report")[0]) < 110
    assert "\n" not in said
    assert len(reports()) == 1


def test_a_run_that_cannot_tell_where_it_stands_is_reported_all_the_same(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch, reports: Reports
) -> None:
    session = session_of("xor")
    monkeypatch.setattr(Session, "position", property(lambda _: 1 / 0))
    report(fault(), "drawing", session)
    assert "cannot tell where it stands: ZeroDivisionError" in reports()[0]


def test_it_stands_where_programs_keep_their_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    state, temporary = fault_report.folders()
    assert fault_report.free_name(state).name.startswith("fault-")
    assert "backprop-tui" in state.parts
    assert fault_report.free_name(temporary).name.startswith("backprop-tui-fault-")
