"""How much of the longest tests runs: a share of them by default, the whole with WHOLE=1 in the environment."""

import os
from typing import TypeVar

T = TypeVar("T")


def share(default: T, whole: T) -> T:
    """What a test takes by default, or what it takes where everything is wanted."""
    return whole if os.environ.get("WHOLE") else default
