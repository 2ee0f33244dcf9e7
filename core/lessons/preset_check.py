"""All that is wrong with a preset and its lesson, not only the first of it, each with its line in the file.

What is found is put out of the way, in a copy of the table, and the preset is read again, until nothing more is found
or what is wrong stands in the way of the rest.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources.abc import Traversable
from typing import Any

from backprop_tui.core.preset.hidden import Hidden, hidden
from backprop_tui.core.preset.preset import from_table, load_preset
from backprop_tui.core.preset.repaired import repaired
from backprop_tui.core.preset.schema import Place, PresetError, described
from backprop_tui.core.preset.toml_lines import key_lines, nearest_line
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .action import KINDS, LINK, Known, actions, check_action, check_in_sight, check_name, require
from .lesson import PLACEHOLDER, Lesson, meant, placeholders, without_claims

MOST = 100
"""Problems of one preset that are looked for."""
BRACES = re.compile(r"\{[^{}\n]*@[^{}\n]*\}")
"""What is a placeholder, or was to be one."""
OUTWARD = ("http", "https", "mailto")
OF_A_RUN = ("step", "op", "spotlight")
"""Kinds of links that only a run can tell whether they lead anywhere."""
OF_DATA = ("data", "layers", "training.start")
"""Where what is wrong leaves open what the data would be found to be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `key` is its dotted path, `line` that of the key or of the nearest above it."""

    key: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A preset as it was found: its text, its table, and what messages and paths need."""

    text: str
    table: dict[str, Any]
    source: str
    base: Traversable | None
    id: str


def check_preset(written: Written, known: Callable[[], Known]) -> tuple[list[Problem], str]:
    """The problems in the order of their lines, and what could not be checked because of them, "" for nothing.

    `known` gives what links may name; only a lesson that has links asks for it.
    """
    found, unchecked = [], ""
    problems, table = looked_for(written, written.table, from_table)
    found += problems
    lesson = None
    if table is None or any(concerns_data(problem.key) for problem in found):
        unchecked = "the data and what the lesson says of the run"
    else:
        problems, table = looked_for(written, table, started)
        found += problems
        if table is not None:
            lesson = Lesson(*load_preset(table, written.source, written.base, written.id))
            wrong = list(of_variants(lesson))
            found += wrong
            lesson = None if wrong else lesson
        unchecked = "" if lesson is not None else "what the lesson says of the run"
    text = written.table.get("lesson")
    if isinstance(text, str):
        found += of_names(written, without_claims(text), known)
        found += of_lesson(lesson) if lesson is not None else []
    return with_lines(written.text, found), unchecked if text or "data" in unchecked else ""


def started(table: dict[str, Any], source: str, base: Traversable | None, id: str) -> Session:
    """A run of the preset; raises PresetError for what cannot be read, and for what would not fit into memory."""
    return Session(*load_preset(table, source, base, id))


def of_variants(lesson: Lesson) -> Iterator[Problem]:
    """Variants that cannot be run, with the data that they ask for."""
    for number, variant in enumerate(lesson.preset.variants):
        for problem in told(partial(lesson.session, variant.name), lesson.preset.source):
            yield Problem(f"variants.{number}", f"variants.{number} {described(variant.name)}: {problem.message}")


def concerns_data(key: str) -> bool:
    return key.startswith(OF_DATA)


def looked_for(
    written: Written, table: dict[str, Any], read: Callable[..., Any]
) -> tuple[list[Problem], dict[str, Any] | None]:
    """What `read` finds wrong, one after the other, and the table without it; None where it could not be mended."""
    found: list[Problem] = []
    while len(found) < MOST:
        try:
            read(table, written.source, written.base, written.id)
        except PresetError as error:
            problem = problem_of(error, written)
            if problem in found:
                return found, None
            if not any(problem.key and problem.key == other.key for other in found):
                found.append(problem)
            mended = without(table, error, written.source)
            if mended is None or mended == table:
                return found, None
            table = mended
        else:
            return found, table
    return found, None


def problem_of(error: PresetError, written: Written) -> Problem:
    """An error as a problem: its message without the file, and the path of the key."""
    message, path = str(error).removeprefix(written.source).removeprefix(": "), path_of(error, written.source)
    variant = re.match(r"variants\.(\d+)", path)
    if variant is not None:
        # One that was called as another is told by the name that the file has.
        name = named(written.table, int(variant[1]))
        message = message.replace(described(substitute(int(variant[1]))), described(name))
    return Problem(path, message)


def named(table: dict[str, Any], number: int) -> Any:
    """What the file calls its variant of that number, from 0."""
    variants = table.get("variants")
    found = variants[number] if isinstance(variants, list) and number < len(variants) else None
    return found.get("name") if isinstance(found, dict) else None


def substitute(number: int) -> str:
    """A name that no other variant has."""
    return f"variant {number}"


def path_of(error: PresetError, source: str) -> str:
    """The dotted path that an error is about; of a variant that of what it sets, as far as that is told."""
    if error.place is None:
        return ""
    variant = re.match(rf"{re.escape(source)}: variants\.(\d+)", error.place.source)
    path = error.place.path.strip('"')
    return f"variants.{variant[1]}.set.{path}" if variant else path


def without(table: dict[str, Any], error: PresetError, source: str) -> dict[str, Any] | None:
    """The table with what an error is about put out of the way."""
    path = path_of(error, source)
    variant = re.match(r"variants\.(\d+)(?:\.set\.(.*)|\..*)?$", path)
    if variant is None or not isinstance(table.get("variants"), list):
        return repaired(table, path) if path else None
    number, key = int(variant[1]), variant[2]
    variants = list(table["variants"])
    changes = variants[number].get("set") if number < len(variants) and isinstance(variants[number], dict) else None
    kept = {name: value for name, value in changes.items() if not about(name, key)} if isinstance(changes, dict) else {}
    if changes and path.endswith(".name") and not key:
        variants[number] = {**variants[number], "name": substitute(number)}
    elif key and changes and kept and len(kept) < len(changes):
        variants[number] = {**variants[number], "set": kept}
    elif number < len(variants):
        variants[number] = {"name": substitute(number), "set": {"seed": 0}}
    return {**table, "variants": variants}


def about(name: str, key: str | None) -> bool:
    """Whether what a variant sets is what an error names, or a table above or below it."""
    return key is not None and (name == key or key.startswith(f"{name}.") or name.startswith(f"{key}."))


def of_names(written: Written, text: str, known: Callable[[], Known]) -> Iterator[Problem]:
    """What a lesson names that there is not, as far as that can be told without a run; what is no placeholder."""
    source = Place(written.source)
    variants = [name for number in range(MOST) if isinstance(name := named(written.table, number), str)]
    view = written.table.get("view")
    kept_away = hidden_of(view.get("hide") if isinstance(view, dict) else None)
    for braces in BRACES.finditer(text):
        if not PLACEHOLDER.fullmatch(braces[0]):
            yield Problem("lesson", f"lesson: {braces[0]}: expected {{what@step}}, such as {{loss@1}}")
    for one in placeholders(text):
        if one.variant:
            where = source / f"lesson: {one.written}"
            yield from told(partial(require, one.variant, variants, "variant", where), written.source)
    for link in LINK.finditer(text):
        kind, colon, _ = link["target"].partition(":")
        if colon and kind not in (*KINDS, *OUTWARD):
            where = source / f"lesson: [{link['label']}]({link['target']})"
            yield from told(partial(require, kind, KINDS, "kind of link", where), written.source)
    for action in actions(text, written.id):
        if action.kind not in OF_A_RUN:
            where = source / f"lesson: [{action.label}]({action.written})"
            yield from told(partial(check_name, action, [written.id, *variants], known(), where), written.source)
            yield from told(partial(check_in_sight, action, kept_away, known(), where), written.source)


def hidden_of(names: Any) -> Hidden:
    """What a preset hides; nothing where that is no list of names, which is told for itself."""
    try:
        return Hidden(hidden([] if names is None else names, Place("")))
    except PresetError:
        return Hidden()


def of_lesson(lesson: Lesson) -> Iterator[Problem]:
    """Numbers and places of a run that a lesson names and that there are not."""
    preset = lesson.preset
    known = ("", *(one.name for one in preset.variants))
    sessions: dict[str, Session] = {}

    def session_of(variant: str) -> Session:
        if variant not in sessions:
            sessions[variant] = lesson.session(variant)
        return sessions[variant]

    for one in placeholders(preset.lesson):
        if one.variant in known:
            yield from told(partial(meant, session_of(one.variant), one, lesson.place), preset.source)
    for action in actions(preset.lesson, preset.id):
        if action.kind in OF_A_RUN:
            run = session_of(action.variant if action.variant in known else "")
            yield from told(partial(check_action, action, preset, run, Known()), preset.source)


def told(check: Callable[[], object], source: str) -> Iterator[Problem]:
    """What a check of a lesson finds wrong."""
    try:
        check()
    except PresetError as error:
        yield Problem("lesson", str(error).removeprefix(source).removeprefix(": "))


def with_lines(text: str, problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, with its line, in their order; those without a line last."""
    lines = key_lines(text, [problem.key for problem in problems])
    found = [
        Problem(problem.key, problem.message, line_of(text, problem, nearest_line(lines, problem.key)))
        for problem in dict.fromkeys(problems)
    ]
    return sorted(found, key=lambda problem: (problem.line is None, problem.line or 0))


def line_of(text: str, problem: Problem, line: int | None) -> int | None:
    """The line of a problem: in a lesson, that of the placeholder or link that its message quotes."""
    if problem.key != "lesson" or line is None:
        return line
    quoted = re.search(r"\{[^{}]*\}|\]\((?:[^()]|\([^()]*\))+\)", problem.message)
    begin = sum(len(one) + 1 for one in text.split("\n")[: line - 1])
    place = text.find(quoted[0], begin) if quoted else -1
    return line if place < 0 else text.count("\n", 0, place) + 1
