"""The settings of whoever sits before the terminal: read from a TOML file, found by name, kept when they are chosen.

What a person wrote in the file stays as it is, comments, order, and what this program does not know; of what is wrong
one line is said, and the rest holds.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backprop_tui.core.preset.schema import Place, PresetError, described, suggestion
from backprop_tui.tui.drawing.keymap import USUAL, Keymap

from .folder import folder, read_text, write_text
from .recent import RECENT, lasting, note, recent

if TYPE_CHECKING:
    from .toml_edit import Value

FILE = "config.toml"
THEME = "theme"
FORMER = "choices.json"
"""What version 0.3 and those before kept, a table of words in JSON; read as long as there is no other file."""
HEAD = (
    "# Settings of backprop-tui. The app writes here what is chosen in it; `backprop-tui help config` tells of all.\n"
)
LINE = r" \(at line (?P<line>\d+), column (?P<column>\d+)\)$"


class Config:
    """`values` are those that are set, by their paths; `problems` one line each.

    `path` is None where nothing is read or kept. `changed` is what is to be written yet, and `opened`. `broken`: the
    file cannot be read as TOML, and so is not written either.
    """

    def __init__(
        self,
        path: Path | None = None,
        values: dict[str, Any] | None = None,
        keymap: Keymap = USUAL,
        problems: tuple[str, ...] = (),
        broken: bool = False,
    ) -> None:
        self.path, self.values, self.keymap = path, values or {}, keymap
        self.problems, self.broken = problems, broken
        self.changed: dict[str, Value] = {}
        self.opened: list[str] = []
        self.in_view = ""

    def get(self, path: str, usual: Any = None) -> Any:
        """What is set there, or the usual."""
        return self.values.get(path, usual)

    def check_theme(self, themes: Iterable[str]) -> str | None:
        """The theme that is set, None where there is none of that name, which is added to the problems."""
        theme, names = self.values.get(THEME), sorted(themes)
        if theme is None or theme in names:
            return theme
        problem = Place("", THEME).error(f"there is no theme {described(theme)}{suggestion(theme, names)}")
        self.problems += (told_problem(problem, self.path or Path(FILE), lines_of(self.path, THEME)),)
        return None

    def choose(self, path: str, value: "Value") -> bool:
        """Set this from now on, and whether it is to be kept, and was otherwise before."""
        if self.values.get(path) == value:
            return False
        self.values[path] = value
        if self.path is None or self.broken or not self.get("keep", True):
            return False
        self.changed[path] = value
        return True

    @property
    def remembers(self) -> bool:
        """Whether it is kept what was opened."""
        return self.path is not None and bool(self.get("recent", RECENT) and self.get("keep", True))

    def note_opened(self, argument: str) -> None:
        """A preset, or a file, has been opened, and is in view."""
        if self.remembers:
            self.in_view = lasting(argument)
            self.opened.append(self.in_view)

    def recent(self) -> list[str]:
        """What was opened last and can be opened, the latest first, but what is in view."""
        if self.path is None:
            return []
        found = [*reversed(self.opened), *recent(self.path.parent)]
        return list(dict.fromkeys(one for one in found if one != self.in_view))[: self.get("recent", RECENT)]

    def write(self) -> None:
        """Keep what was chosen and opened since the last time; what the files have by now of others stays."""
        opened, self.opened = self.opened, []
        if self.path is not None:
            for argument in opened:
                note(self.path.parent, argument)
        self.write_choices()

    def write_choices(self) -> None:
        """Keep what was chosen since the last time."""
        changed, self.changed = self.changed, {}
        if not changed or self.path is None:
            return
        from .toml_edit import with_value  # Not needed to open, as those of the settings below.

        try:
            text = read_text(self.path)
            edited = begun(self.values, changed) if text is None else text
            for path, value in changed.items():
                edited = with_value(edited, path, value) or edited
        except (OSError, ValueError, RecursionError):
            # It has become one that cannot be read.
            return
        if edited != text:
            write_text(self.path, edited)


def lines_of(path: Path | None, key: str) -> dict[str, int]:
    """On which line a key stands, as far as the file still says it."""
    from backprop_tui.core.preset.toml_lines import key_lines

    try:
        return key_lines(read_text(path) or "", [key]) if path is not None else {}
    except (OSError, ValueError, RecursionError):
        return {}


def begun(values: dict[str, Any], changed: "dict[str, Value]") -> str:
    """A new file, with what was taken over from a former one."""
    from .toml_edit import with_value

    text = HEAD
    for path in former_paths():
        if path in values and path not in changed:
            text = with_value(text, path, values[path]) or text
    return text


def former_paths() -> tuple[str, ...]:
    """What a former file could hold."""
    return ("theme", "full_speed_until")


def config_path() -> Path | None:
    """Where the settings are kept, None for somebody who has no place for them."""
    try:
        return folder() / FILE
    except (OSError, RuntimeError):
        return None


def read_config() -> Config:
    """The settings as they stand in the file; never raises."""
    path = config_path()
    if path is None:
        return Config()
    try:
        text = read_text(path)
    except (OSError, ValueError) as problem:
        said = getattr(problem, "strerror", None) or problem
        return Config(path, problems=(f"{path}: cannot be read: {said}; the usual settings hold",), broken=True)
    if text is None:
        return Config(path, former(path.with_name(FORMER)))
    return config_of(text, path)


def config_of(text: str, path: Path) -> Config:
    """The settings of a TOML text that stands at `path`."""
    from backprop_tui.core.preset.toml_document import loads, said_of

    try:
        table = loads(text)
    except (ValueError, RecursionError) as problem:
        said, where = said_of(problem), ""
        if at := re.search(LINE, said):
            said, where = said[: at.start()], f", line {at['line']}"
        told = f"{path}{where}: not valid TOML: {said}; the usual settings hold, and nothing is kept until it is mended"
        return Config(path, problems=(told,), broken=True)
    from .keys_table import read_keys
    from .settings import KEYS

    problems: list[PresetError] = []
    values = read_values(table, problems)
    keymap, wrong = read_keys(table[KEYS], Place("", KEYS)) if KEYS in table else (USUAL, [])
    problems += wrong
    if not problems:
        return Config(path, values, keymap)
    from backprop_tui.core.preset.toml_lines import key_lines

    lines = key_lines(text, [problem.place.path for problem in problems if problem.place is not None])
    found = [told_problem(problem, path, lines) for problem in problems]
    return Config(path, values, keymap, tuple(dict.fromkeys(found)))


def read_values(table: dict[str, Any], problems: list[PresetError]) -> dict[str, Any]:
    """All values that can be used, by their paths; what is wrong with others is added to the problems."""
    from .settings import BY_PATH, GROUPS, KEYS

    values: dict[str, Any] = {}
    here = Place("")
    for name, value in table.items():
        if name == KEYS:
            continue
        if name not in GROUPS:
            pairs = {name: value}
        elif isinstance(value, dict):
            pairs = {f"{name}.{inner}": found for inner, found in value.items()}
        else:
            problems.append((here / name).expected("a table", value))
            continue
        for path, found in pairs.items():
            place = Place("", path)
            try:
                if path not in BY_PATH:
                    known = [each for each in (*BY_PATH, *GROUPS, KEYS) if each.startswith(path.rpartition(".")[0])]
                    raise place.error(f"unknown setting, passed over{suggestion(path, known)}")
                values[path] = BY_PATH[path].reader(found, place)
            except PresetError as problem:
                problems.append(problem)
    return values


def told_problem(problem: PresetError, path: Path, lines: dict[str, int]) -> str:
    """`…/config.toml, line 3: unit: expected one of …`."""
    from backprop_tui.core.preset.toml_lines import nearest_line

    line = None if problem.place is None else nearest_line(lines, problem.place.path)
    return f"{path}{'' if line is None else f', line {line}'}: {problem}"


def former(path: Path) -> dict[str, Any]:
    """What the file of a former version holds; nothing where it cannot be read."""
    try:
        found = json.loads(read_text(path) or "{}")
    except (OSError, ValueError, RecursionError):
        return {}
    from .settings import BY_PATH

    values: dict[str, Any] = {}
    for name in former_paths():
        if isinstance(found, dict) and isinstance(found.get(name), str):
            try:
                values[name] = BY_PATH[name].reader(found[name], Place(""))
            except PresetError:
                continue
    return values
