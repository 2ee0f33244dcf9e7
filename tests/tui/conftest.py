"""What tests of the screen and the command line share."""

from pathlib import Path

import pytest

from backprop_tui.tui.config.config import config_path


@pytest.fixture
def file() -> Path:
    """Where the settings of this test stand; its folder is there, the file is not."""
    path = config_path()
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
