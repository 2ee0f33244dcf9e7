"""Whether this process is a visitor's: the app in a browser, on a machine that is somebody else's.

A visitor writes no file here and names none to be read, and leaves nothing behind; he is shown nothing of where the
files of this machine lie. What asks is what would do any of this.
"""

import os

DRIVER = "TEXTUAL_DRIVER"
"""The variable by which textual-serve has an app drawn in a browser, for this program's `serve` as for any other's."""
VISIT = "visit"
"""The word by which a server starts the app for a visitor, and nobody types."""


def is_visitor() -> bool:
    """Whether whoever sits before this app does so in a browser."""
    return os.environ.get(DRIVER, "").endswith(":WebDriver")
