"""The table `[keys]` of the settings, read as the keymap that it asks for."""

from collections.abc import Iterator
from typing import Any

from backprop_tui.core.preset.schema import Place, PresetError, described, suggestion
from backprop_tui.tui.drawing.key_names import SIGNS, UnknownKeyError, key_name, terminal_key
from backprop_tui.tui.drawing.keymap import USUAL, Keymap

from .key_actions import ACTIONS, OTHERS, OWNERS, STAYING


def read_keys(table: Any, place: Place) -> tuple[Keymap, list[PresetError]]:
    """The keymap of a table of actions with the keys that each has, and what is wrong with it.

    What is wrong has the keys that the program comes with, and so has what needs a key that this takes back.
    """
    if not isinstance(table, dict):
        return USUAL, [place.expected("a table of actions and their keys", table)]
    asked: dict[str, tuple[str, ...]] = {}
    problems: list[PresetError] = []
    for name, value in table.items():
        try:
            asked[name] = keys_of(name, value, place / name)
        except PresetError as problem:
            problems.append(problem)
    while found := next(clashes(asked, place), None):
        name, clash = found
        del asked[name]
        problems.append(clash)
    return keymap_of(asked), problems


def keys_of(name: str, value: Any, place: Place) -> tuple[str, ...]:
    """The keys of one action, by Textual's names, none for an empty list. Raises PresetError."""
    if name not in ACTIONS:
        raise place.error(f"unknown action{suggestion(name, list(ACTIONS))}")
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        raise place.expected('a key such as "k", or a list of keys', value)
    found = []
    for one in written:
        try:
            key = terminal_key(one)
        except UnknownKeyError as problem:
            raise place.error(f"expected {problem}") from None
        owner = OWNERS.get(key, "")
        if key in OTHERS:
            raise place.error(f"{described(one)} {OTHERS[key]}, and stays; take another key")
        if owner in STAYING and owner != name:
            raise place.error(f"{described(one)} is {owner}, and stays; take another key")
        found.append(key)
    return tuple(dict.fromkeys((*(ACTIONS[name] if name in STAYING else ()), *found)))


def clashes(asked: dict[str, tuple[str, ...]], place: Place) -> Iterator[tuple[str, PresetError]]:
    """Each action that is asked to have a key that another has, with what is said of that."""
    owners: dict[str, str] = {}
    for name, usual in ACTIONS.items():
        if name not in asked:
            owners.update(dict.fromkeys(usual, name))
    for name, keys in asked.items():
        for key in keys:
            other = owners.setdefault(key, name)
            if other != name:
                yield (
                    name,
                    (place / name).error(
                        f'"{key_name(key)}" is {other} already; give that another key too: {other} = "…"'
                    ),
                )


def keymap_of(asked: dict[str, tuple[str, ...]]) -> Keymap:
    """The keymap in which these actions have these keys, and all others their own."""
    moved = {name: keys for name, keys in asked.items() if keys != tuple(filter(key_name, ACTIONS[name]))}
    meant = {key: "" for name in moved for key in ACTIONS[name]}
    for name, keys in moved.items():
        meant.update(dict.fromkeys(keys, ACTIONS[name][0]))
    pressed = {key: keys for name, keys in moved.items() for key in ACTIONS[name]}
    return Keymap(pressed, {key: means for key, means in meant.items() if key != means})


def written_key(key: str) -> str:
    """One of Textual's names as a person writes it: `?` for `question_mark`."""
    return SIGNS.get(key, key)
