"""A visitor's new file: it goes to his browser, and not to the machine that this runs on."""

from collections.abc import Callable, Collection
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from backprop_tui.core.preset.schema import PresetError, described

LONGEST = 120
"""Characters of a name."""


class Downloads:
    """`hand_over` takes a name and what is in the file; the app says which. `last` is the text that went last."""

    def __init__(self) -> None:
        self.hand_over: Callable[[str, bytes], object] | None = None
        self.last = b""

    def take(self, path: Path, fill: Callable[[IO[bytes]], object]) -> Path:
        """Let `fill` write the file, and hand it over; its name. Raises PresetError where there is nobody."""
        if self.hand_over is None:
            raise PresetError("nothing can be downloaded here")
        stream = BytesIO()
        fill(stream)
        self.last = stream.getvalue()
        self.hand_over(path.name, self.last)
        return Path(path.name)


DOWNLOADS = Downloads()


def download_path(name: str, endings: Collection[str]) -> tuple[Path, str]:
    """The name that was typed, and its ending, which is one of `endings`. Raises PresetError where it is not."""
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    if ending not in endings:
        raise PresetError(f"expected a file name that ends in {', '.join(endings)}, found {described(name)}")
    if path.name != name or "\\" in name:
        raise PresetError(f"expected a name without a folder, since the browser downloads it, found {described(name)}")
    if not name.isprintable() or len(name) > LONGEST:
        raise PresetError(f"expected a name of at most {LONGEST} printed characters, found {described(name)}")
    return Path(name), ending
