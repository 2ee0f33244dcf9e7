"""What a lesson lets one do: its links, whose targets say what, such as `[go to step 1](step:1)`.

`step:N` to the end of step N; `op:N/phase` or `op:N/dZ2` to right after that op of step N (of a phase, its first);
`spotlight:W1[1,1]`; `variant:NAME` over to the run of that variant, `variant:` back to the preset's own, or with its id
as long as the preset is called so; `key:K` waits for the key; `pane:Data` opens a pane large, `pane:Weights/nudges` in
that view; `glossary:TERM` looks it up; `preset:ID` opens another one. What follows a `variant:` is about that variant.
"""

import re
from collections.abc import Callable, Sequence

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.event import PHASES
from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import Place, suggestion
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .glossary import entry

KINDS = ("step", "op", "spotlight", "variant", "key", "pane", "glossary", "preset")
LINK = re.compile(r"\[(?P<label>[^\[\]]+(?:\[[^\[\]]*\][^\[\]]*)*)\]\((?P<target>(?:[^()\n]|\([^()\n]*\))+)\)")
"""A label may hold an index in brackets, W1[1,1]; a target too."""
KEYS = {
    "→": "right", "←": "left", "↑": "up", "↓": "down", "?": "question_mark", ":": "colon", "+": "plus", "-": "minus",
}  # fmt: skip
"""Keys by what is printed on them, and as the screen calls them."""
ALOUD = {name: key for key, name in KEYS.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """What links may name beside what is in the preset: keys and panes of the screen, and the other presets.

    `hidden_by` says which of the names of what a preset hides takes away what a link leads to, "" where it is there.
    """

    keys: Sequence[str] = ()
    panes: Sequence[str] = ()
    presets: Sequence[str] = ()
    hidden_by: Callable[[Hidden, "Action"], str] = lambda hidden, action: ""


@dataclass(frozen=True, slots=True)
class Action:
    """One link that acts; `variant` is the name of the run that it is about, "" of the preset itself."""

    label: str
    kind: str
    target: str
    variant: str = ""

    @property
    def written(self) -> str:
        """The target as the lesson has it."""
        return f"{self.kind}:{self.target}"

    @property
    def key(self) -> str:
        """The key that it waits for, as the screen calls it; "" where it waits for none."""
        return "+".join(KEYS.get(part, part) for part in split_key(self.target)) if self.kind == "key" else ""

    @property
    def printed_key(self) -> str:
        """That key as it is printed on the keyboard; "" where the label says it already."""
        said = "+".join(ALOUD.get(part, part) for part in split_key(self.target)) if self.kind == "key" else ""
        return "" if said in self.label.split() else said


def split_key(key: str) -> list[str]:
    """`shift+right` in its parts; a lone + is the key +."""
    return key.split("+") if len(key) > 1 else [key]


def action_of(label: str, target: str, variant: str = "") -> Action | None:
    """The action of a link; None for a link that leads out of the program."""
    kind, colon, rest = target.partition(":")
    return Action(" ".join(label.split()), kind, rest.strip(), variant) if colon and kind in KINDS else None


def actions(lesson: str, name: str = "") -> list[Action]:
    """The links of a lesson that act, in reading order; `name` is the id of its preset."""
    found: list[Action] = []
    variant = ""
    for link in LINK.finditer(lesson):
        action = action_of(link["label"], link["target"], variant)
        if action is not None:
            if action.kind == "variant":
                variant = "" if action.target == name else action.target
                action = Action(action.label, action.kind, action.target, variant)
            found.append(action)
    return found


def place_of(action: Action, preset: Preset) -> Place:
    return Place(preset.source) / f"lesson: [{action.label}]({action.written})"


def count_of(action: Action, session: Session) -> int:
    """The position that `step:` and `op:` lead to in a run. Raises PresetError for what is none."""
    where = place_of(action, session.preset)
    step, slash, name = action.target.partition("/")
    if not (step.isascii() and step.isdigit()) or (action.kind == "op") != bool(slash):
        raise where.error("expected step:12, op:12/backward or op:12/dZ2")
    number = int(step)
    if action.kind == "step":
        return session.timeline.finish_of(number)
    if number < 1:
        raise where.error("steps count from 1")
    ops = session.plan.ops
    place = next((op.place for op in ops if op.phase == name), None)
    if place is None:
        place = next((op.place for op in ops if name in [quantity.typed() for quantity in op.writes]), None)
    if place is None:
        known = [*PHASES, *(quantity.typed() for op in ops for quantity in op.writes)]
        raise where.error(f'no op is called or writes "{name}"{suggestion(name, known)}')
    return session.timeline.finish_of(number - 1) + place + 1


def spotlight_of(action: Action, session: Session, example: int) -> Spotlight:
    """The spotlight that `spotlight:` names in a run. Raises PresetError for what the network does not have."""
    where = place_of(action, session.preset)
    inputs = len(session.dataset.inputs)
    return Spotlight.named(parameter_name(action.target, session.preset.layers, inputs, where), example)


def check_action(action: Action, preset: Preset, session: Session, known: Known) -> None:
    """Raises PresetError for an action of `preset` that leads nowhere; `session` is a run of its variant."""
    match action.kind:
        case "step" | "op":
            count_of(action, session)
        case "spotlight":
            spotlight_of(action, session, 0)
        case _:
            variants = [preset.id, *(one.name for one in preset.variants)]
            check_name(action, variants, known, place_of(action, preset))


def check_name(action: Action, variants: Sequence[str], known: Known, where: Place) -> None:
    """Raises PresetError for an action that names something, whatever the run, which there is not."""
    match action.kind:
        case "variant":
            require(action.target, ["", *variants], "variant", where)
        case "key":
            require(action.key, known.keys, "key", where)
        case "pane":
            require(action.target, known.panes, "pane or view", where)
        case "preset":
            require(action.target, known.presets, "preset", where)
        case "glossary":
            entry(action.target, where)
        case _:
            raise where.expected(f"one of {', '.join(KINDS)}", action.kind)


def check_in_sight(action: Action, hidden: Hidden, known: Known, where: Place) -> None:
    """Raises PresetError for an action that leads to what the preset itself keeps out of sight."""
    if name := known.hidden_by(hidden, action):
        raise where.error(f"leads to what view.hide keeps out of sight: {name}")


def require(name: str, known: Sequence[str], what: str, where: Place) -> None:
    if name not in known:
        raise where.error(f'there is no {what} called "{name}"{suggestion(name, [one for one in known if one])}')
