"""What the file of settings may hold: each setting with what it takes, what it does, and whether the app writes it."""

from collections.abc import Callable
from typing import Any

from backprop_tui.core.preset.hidden import PANES, hidden_names
from backprop_tui.core.preset.hidden import VIEWS as MAY_HIDE
from backprop_tui.core.preset.schema import Place, described, suggestion
from backprop_tui.core.value_class import dataclass

UNITS = ("op", "layer", "phase", "step", "epoch")
AXES = ("linear", "log")
FULL = "full"
"""The word for a speed beyond all numbers."""
FASTEST_FRAMES = 120
MOST_RECENT = 50
VIEWS = {
    "weights": ("picture", "heatmaps", *MAY_HIDE["weights"]),
    "chain_rule": ("op", *MAY_HIDE["chain_rule"]),
    "loss": ("curve", *MAY_HIDE["loss"]),
    "data": ("picture", *MAY_HIDE["data"]),
}
"""The views of the panes, the first of each that with which it opens."""

Reader = Callable[[Any, Place], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting at a dotted `path`, read by `reader`; `usual` is its value as TOML where nothing is said.

    `kept`: the app writes it when it is chosen there.
    """

    path: str
    reader: Reader
    usual: str
    takes: str
    meaning: str
    kept: bool = False


def one_of(names: tuple[str, ...]) -> Reader:
    """Reads one of some words."""

    def read(value: Any, place: Place) -> str:
        if value not in names:
            raise place.error(f"expected one of {', '.join(names)}, found {described(value)}{near(value, names)}")
        return str(value)

    return read


def near(value: Any, names: tuple[str, ...]) -> str:
    """`; did you mean …?`, where one is near."""
    said = suggestion(value, names)
    return said if said.startswith("; did you mean") else ""


def name(value: Any, place: Place) -> str:
    """Reads a name, of which the app knows later whether there is such."""
    if not isinstance(value, str):
        raise place.expected("a name", value)
    return value


def flag(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.expected("true or false", value)
    return value


def speed(value: Any, place: Place) -> float | str:
    """Reads units a second, or `full`."""
    if value == FULL or (isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")):
        return value  # type: ignore[no-any-return]
    raise place.expected(f'a number above 0, or "{FULL}"', value)


def whole(least: int, most: int) -> Reader:
    """Reads a whole number."""

    def read(value: Any, place: Place) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise place.expected(f"a whole number from {least} to {most}", value)
        return value

    return read


def until(value: Any, place: Place) -> str:
    """Reads where full speed ends."""
    from backprop_tui.core.inquiry.full_speed import limits  # It is asked for where something is said of it.
    from backprop_tui.core.preset.schema import PresetError

    try:
        return str(limits(name(value, place)))
    except PresetError as problem:
        raise problem if problem.place else place.error(str(problem)) from None


def names_hidden(value: Any, place: Place) -> tuple[str, ...]:
    """Reads what is kept out of sight."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise place.expected('a list of names, such as ["settings", "diagnosis"]', value)
    return hidden_names(value, place)


SETTINGS = (
    Setting("theme", name, '"textual-dark"', "name", "the colours, one of those that ctrl+p lists under Theme", True),
    Setting(
        "unit",
        one_of(UNITS),
        '"op"',
        ", ".join(UNITS),
        "what one press of → means, in place of what a preset says",
        True,
    ),
    Setting("speed", speed, "2", f'number, "{FULL}"', "units a second that playing begins with", True),
    Setting("loss_axis", one_of(AXES), '"linear"', ", ".join(AXES), "the axis of the loss", True),
    Setting(
        "full_speed_until",
        until,
        '"stop or finding"',
        "text",
        "where full speed stops by itself, as `S` asks for it",
        True,
    ),
    Setting(
        "hide", names_hidden, "[]", "list of names", "what is kept out of sight, beside what --hide says: see help hide"
    ),
    Setting(
        "fps",
        whole(1, FASTEST_FRAMES),
        "15",
        f"1 to {FASTEST_FRAMES}",
        "pictures a second at the most, where --fps says nothing; over SSH 10 unless told",
    ),
    Setting("ascii", flag, "false", "true, false", "plain ASCII, as with --ascii, in the app and in plain mode"),
    Setting(
        "recent",
        whole(0, MOST_RECENT),
        "8",
        f"0 to {MOST_RECENT}",
        "how much of what was opened last the gallery has first",
    ),
    Setting("keep", flag, "true", "true, false", "whether the app writes here what is chosen in it"),
    Setting(
        "views.weights",
        one_of(VIEWS["weights"]),
        '"picture"',
        ", ".join(VIEWS["weights"]),
        "the view of *Weights*",
        True,
    ),
    Setting(
        "views.chain_rule", one_of(VIEWS["chain_rule"]), '"op"', ", ".join(VIEWS["chain_rule"]), "of *Chain rule*", True
    ),
    Setting("views.loss", one_of(VIEWS["loss"]), '"curve"', ", ".join(VIEWS["loss"]), "of *Loss*", True),
    Setting("views.data", one_of(VIEWS["data"]), '"picture"', ", ".join(VIEWS["data"]), "of *Data*", True),
    Setting(
        "panes.first",
        one_of(tuple(PANES)),
        '"chain_rule"',
        ", ".join(PANES),
        "the pane that keys go to at first, the last that tab led to",
        True,
    ),
    Setting("panes.maximised", flag, "false", "true, false", "whether that one has the whole screen"),
)
BY_PATH = {setting.path: setting for setting in SETTINGS}
GROUPS = tuple(dict.fromkeys(setting.path.partition(".")[0] for setting in SETTINGS if "." in setting.path))
KEYS = "keys"
"""The table of which key does what."""
