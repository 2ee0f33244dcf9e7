"""What a command prints."""

import pytest

from backprop_tui.tui.cli import main


def said(capsys: pytest.CaptureFixture[str], *argv: object, status: int = 0) -> str:
    """What a command prints; on standard error where its status is 2, where that is one line."""
    capsys.readouterr()
    assert main([str(word) for word in argv]) == status
    out, err = capsys.readouterr()
    if status != 2:
        return out
    assert (out, err.count("\n"), "Traceback" in err) == ("", 1, False)
    return err
