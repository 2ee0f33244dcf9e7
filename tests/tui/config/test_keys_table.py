"""The table of keys: which keymap it makes, and what is said of what it cannot ask for."""

from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding
from textual.keys import _character_to_key

from backprop_tui.core.preset.schema import Place
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.config.key_actions import ACTIONS, OTHERS, OWNERS, STAYING
from backprop_tui.tui.config.keys_table import read_keys, written_key
from backprop_tui.tui.config_page import meanings_of_keys
from backprop_tui.tui.drawing.key_names import UNBOUND, UnknownKeyError, key_name, terminal_key
from backprop_tui.tui.help_pages import tool_pages
from backprop_tui.tui.pages.tool_screen import ToolScreen
from backprop_tui.tui.recording.findings import FindingsScreen
from backprop_tui.tui.recording.screen import RecordedScreen
from backprop_tui.tui.training_screen import TrainingScreen

HERE = Place("", "keys")


def problem(**table: object) -> str:
    _, problems = read_keys(table, HERE)
    assert len(problems) == 1
    return str(problems[0])


def test_a_key_means_another_and_the_former_one_nothing() -> None:
    keymap, problems = read_keys({"play": ["space", "k"], "quit": "ctrl+x", "share": [], "maximise": "Z"}, HERE)
    assert not problems
    for pressed, meant in {"space": "space", "k": "space", "ctrl+x": "q", "q": "", "C": "", "Z": "z", "f5": ""}.items():
        assert keymap.key(pressed) == meant
    assert keymap.key("d") == "d"
    assert [keymap.sign(key) for key in ("space", "q", "C", "z", "right")] == ["space", "ctrl+x", "", "Z", "→"]


def test_two_that_change_places_are_no_clash() -> None:
    keymap, problems = read_keys({"check": "d", "diagnosis": "g"}, HERE)
    assert not problems
    assert (keymap.key("d"), keymap.key("g")) == ("g", "d")


def test_what_stays_has_its_own_keys_beside_others() -> None:
    keymap, problems = read_keys({"back": "h", "forward": ["j"]}, HERE)
    assert not problems
    assert [keymap.key(key) for key in ("h", "left", "j", "right")] == ["left", "left", "right", "right"]
    assert keymap.sign("left") == "←"


def test_a_clash_leaves_the_second_its_own_and_so_whoever_needed_its_key() -> None:
    assert (
        problem(diagnosis="D")
        == 'keys.diagnosis: "D" is discretize already; give that another key too: discretize = "…"'
    )
    assert problem(check="k", source="k").startswith('keys.source: "k" is check already')
    keymap, problems = read_keys({"quit": "d", "diagnosis": "e", "play": "k"}, HERE)
    # `e` is that of the settings: so diagnosis keeps `d`, which quit cannot have then.
    assert [str(one).partition(":")[0] for one in problems] == ["keys.diagnosis", "keys.quit"]
    assert [keymap.key(key) for key in ("d", "e", "q", "k")] == ["d", "e", "q", "space"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"diagnose": "k"}, 'keys.diagnose: unknown action; did you mean "diagnosis"?'),
        ({"play": 3}, 'keys.play: expected a key such as "k", or a list of keys, found 3'),
        ({"play": ["k", 3]}, "keys.play: expected a key such as"),
        ({"play": "ctrl+c"}, 'keys.play: "ctrl+c" quits, with status 130, and stays; take another key'),
        ({"play": "escape"}, 'keys.play: "escape" is leave, and stays; take another key'),
        ({"play": "right"}, 'keys.play: "right" is forward, and stays'),
        ({"play": "0"}, 'keys.play: "0" puts a point of that class, and stays'),
        ({"play": "ctrl+i"}, 'keys.play: expected a key of its own: a terminal sends "ctrl+i" as tab'),
        ({"play": "ctrl+1"}, "another key, or not at all"),
        ({"play": "ctrl+alt+delete"}, "another key, or not at all"),
        ({"play": "spcae"}, 'keys.play: expected a key such as "k"'),
        ({"play": ""}, 'keys.play: expected a key such as "k"'),
    ],
)
def test_what_cannot_be(table: dict[str, object], told: str) -> None:
    assert told in problem(**table)


def test_every_key_of_every_screen_can_be_moved_or_stays() -> None:
    """A key that a screen gets has its name here, so that nobody takes it without being told."""
    screens = [TrainingScreen, RecordedScreen, ToolScreen, FindingsScreen, *tool_pages().values(), BackpropApp]
    bindings = [one for screen in screens for kind in screen.__mro__ for one in vars(kind).get("BINDINGS", ())]
    own = {
        key
        for one in cast(list[Any], bindings)
        if isinstance(one, Binding) and one.action.partition("(")[0] not in ("scroll_up", "scroll_down")
        for key in one.key.split(",")
        if "textual" not in str(one.action)
    }
    textual = {"ctrl+c", "ctrl+pageup", "ctrl+pagedown", "super+c"}
    assert own - textual - set(OWNERS) - set(OTHERS) == set()
    assert {keys[0] for keys in ACTIONS.values()} <= own | {"backspace"}
    assert set(meanings_of_keys()) >= {keys[0] for keys in ACTIONS.values()}
    assert set(STAYING) < set(ACTIONS)
    assert len(OWNERS) == sum(map(len, ACTIONS.values()))


def test_characters_are_called_as_textual_calls_them() -> None:
    for character in map(chr, range(0x21, 0x7F)):
        assert terminal_key(character) == _character_to_key(character)
        assert written_key(terminal_key(character)) == character
    assert terminal_key("é") == "é"
    assert (terminal_key(" "), terminal_key("space"), terminal_key("Page Up")) == ("space", "space", "pageup")
    assert (terminal_key("shift+k"), terminal_key("Ctrl+K"), terminal_key("shift+Left")) == (
        "K",
        "ctrl+k",
        "shift+left",
    )
    assert key_name("exclamation_mark") == "!"


def test_every_key_that_the_program_has_is_one_that_can_be_written() -> None:
    for key in OWNERS:
        if key.startswith(UNBOUND):
            assert key_name(key) == ""
            with pytest.raises(UnknownKeyError):
                terminal_key(written_key(key))
        else:
            assert terminal_key(written_key(key)) == key


@given(
    table=st.dictionaries(
        st.sampled_from([*ACTIONS, "nothing"]),
        st.one_of(
            st.sampled_from([written_key(key) for key in OWNERS] + ["k", "h", "f6", "ctrl+k", "é", "x y"]),
            st.lists(st.text(max_size=2), max_size=2),
        ),
        max_size=6,
    )
)
def test_in_any_keymap_no_key_is_two_things_and_what_stays_is_there(table: dict[str, object]) -> None:
    keymap, problems = read_keys(table, HERE)
    assert len(problems) <= len(table)
    reached: dict[str, str] = {}
    for name, usual in ACTIONS.items():
        for key in keymap.pressed.get(usual[0], usual):
            assert reached.setdefault(key, name) == name
            assert OWNERS.get(keymap.key(key)) == name
    for name in STAYING:
        assert all(keymap.key(key) == ACTIONS[name][0] for key in ACTIONS[name])


@given(st.text(max_size=12))
def test_whatever_is_written_is_a_key_or_is_told(text: str) -> None:
    with suppress(UnknownKeyError):
        assert terminal_key(terminal_key(text)) == terminal_key(text)
