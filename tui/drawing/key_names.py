"""Names of keys: as Textual has them, `question_mark`, as people write them, `?`, and which of them are ever sent."""

import re
import unicodedata

KEY_NAMES = {
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "plus": "+",
    "minus": "-",
    "colon": ":",
    "comma": ",",
    "full_stop": ".",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pageup": "page up",
    "pagedown": "page down",
}
RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Characters that Textual does not call as Unicode does."""
PLACES = ("left", "right", "up", "down", "home", "end", "pageup", "pagedown", "insert", "delete")
FUNCTIONS = tuple(f"f{number}" for number in range(1, 25))
SINGLE = ("space", "tab", "enter", "escape", "backspace", *PLACES, *FUNCTIONS)
SENT_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
"""Keys that a terminal sends as another."""
ALIKE = {"page_up": "pageup", "page_down": "pagedown", "del": "delete", "esc": "escape", "return": "enter"}
MODIFIED = r"(?is)(?P<modifiers>(?:(?:ctrl|shift|alt)\+)+)(?P<key>.+)"
UNBOUND = "unbound_"
"""What the names of keys begin with that no keyboard has: by them what has no key can be given one."""
WANTED = 'a key such as "k", "K", "?", "f6", "ctrl+k", "shift+left" or "page up"'


class UnknownKeyError(ValueError):
    """No key that a terminal sends; the message says why, behind what was expected."""


def key_name(key: str) -> str:
    """A key as it is printed on the keyboard; of several the first; "" for the name of what has none."""
    if key.startswith(UNBOUND):
        return ""
    parts = key.split(",")[0].split("+")
    return "+".join(KEY_NAMES.get(part, SIGNS.get(part, part)) for part in parts)


def sign_name(character: str) -> str:
    """What Textual calls the key of a character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return RENAMED.get(name, name)


SIGNS = {sign_name(character): character for character in map(chr, range(0x21, 0x7F)) if not character.isalnum()}


def terminal_key(written: str) -> str:
    """Textual's name of a key as a person writes it: `?` is `question_mark`, `shift+k` is `K`.

    Raises UnknownKeyError for what no terminal sends.
    """
    if len(written) == 1 and written.isprintable():
        return "space" if written == " " else sign_name(written)
    word = ALIKE.get(name := re.sub(r"[\s-]+", "_", written.strip()).lower(), name)
    if word in SINGLE or word in SIGNS:
        return word
    found = re.fullmatch(MODIFIED, written.strip())
    if found is None:
        raise UnknownKeyError(f"{WANTED}, found {written!r}".replace("'", '"'))
    modifiers = set(found["modifiers"].lower().rstrip("+").split("+"))
    key = terminal_key(found["key"])
    key = key.lower() if "ctrl" in modifiers else key
    if key in modified_keys(modifiers):
        ordered = [name for name in ("alt", "ctrl", "shift") if name in modifiers]
        return "+".join([*ordered, key])
    if modifiers == {"shift"} and len(key) == 1 and key.isalpha() and len(key.upper()) == 1:
        return key.upper()
    together = "+".join([*sorted(modifiers), SIGNS.get(key, key)]).lower()
    if together in SENT_AS:
        raise UnknownKeyError(f'a key of its own: a terminal sends "{together}" as {SENT_AS[together]}')
    raise UnknownKeyError(f'{WANTED}: a terminal sends "{written.strip()}" as another key, or not at all')


def modified_keys(modifiers: set[str]) -> tuple[str, ...]:
    """The keys that a terminal sends together with these."""
    letters = tuple(letter for letter in "abcdefghijklmnopqrstuvwxyz" if f"ctrl+{letter}" not in SENT_AS)
    if modifiers == {"ctrl"}:
        return (*letters, *PLACES, *FUNCTIONS)
    if modifiers == {"shift"}:
        return (*PLACES, *FUNCTIONS, "tab")
    if modifiers == {"ctrl", "shift"}:
        return PLACES
    return ()
