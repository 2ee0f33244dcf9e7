"""Control characters are shown, and TOML that has them says the same when it is written with escapes."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.control_characters import escaped, shown
from backprop_tui.core.preset.toml_document import parse
from backprop_tui.core.preset.toml_text import toml_text

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CHOSEN = st.sampled_from("\x1b\x07\x7f\x9b\x9d\r\n\t'\"\\" + DIRECTIONS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | CHOSEN)


def is_control(character: str) -> bool:
    return character in DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


@given(st.text(st.characters()))
def test_nothing_that_a_terminal_would_obey_is_left(text: str) -> None:
    for made in (shown(text), escaped(text)):
        assert not [character for character in made if is_control(character) and character not in "\n\t"]
    assert shown(shown(text)) == shown(text)


def test_all_of_them_and_no_others() -> None:
    for block in range(0, 0x110000, 256):
        characters = [chr(code) for code in range(block, block + 256)]
        expected = {character for character in characters if is_control(character) and character not in "\n\t"}
        # Of a block as a text all others stay, in their order.
        assert shown("".join(characters)) == "".join(shown(c) if c in expected else c for c in characters), hex(block)
        assert all(shown(character) != character for character in expected), hex(block)


def test_they_are_spelled_as_programmers_write_them() -> None:
    assert shown("a\x1b]52;c;eA==\x07\r\x9b31m\u202eb\udcff") == r"a\x1b]52;c;eA==\x07\r\x9b31m\u202eb\udcff"
    assert shown("W⁽¹⁾ = 3\tº é 字 🙂 \u200d\n") == "W⁽¹⁾ = 3\tº é 字 🙂 \u200d\n"


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS) | st.dictionaries(TEXTS, TEXTS)))
def test_toml_is_written_without_them_and_reads_back(table: dict[str, object]) -> None:
    text = toml_text(table)
    assert escaped(text) == text
    assert parse(text, "a.toml") == table
