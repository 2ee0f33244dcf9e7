"""One value put into a TOML text: all else stays as a person wrote it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.config.toml_edit import with_value

OWN = """\
# mine, all mine
theme = "nord"   # cold
"my own" = [1, 2]

# how it is looked at
[views]
weights = 'table' # in a row
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("theme", "gruvbox", 'theme = "gruvbox"   # cold'),
        ("views.weights", "picture", 'weights = "picture" # in a row'),
        ("views.data", "about", 'data = "about"'),
        ("unit", "step", 'unit = "step"'),
        ("speed", 0.25, "speed = 0.25"),
        ("panes.first", "loss", 'first = "loss"'),
    ],
)
def test_one_line_changes_or_comes_and_all_others_stay(path: str, value: str | float, line: str) -> None:
    edited = with_value(OWN, path, value)
    assert edited is not None
    assert line in edited.split("\n")
    key = path.rpartition(".")[2]
    lost = [row for row in OWN.split("\n") if row not in edited.split("\n")]
    assert len(lost) <= 1
    assert all(row.startswith(key) for row in lost)
    # What is right above a table is said of it: nothing comes between.
    assert "# how it is looked at\n[views]" in edited


def test_an_empty_text_gets_its_first_setting_and_its_first_table() -> None:
    first = with_value("# head\n", "theme", "nord")
    assert first == '# head\ntheme = "nord"\n'
    second = with_value(first, "views.loss", "map")
    assert second == '# head\ntheme = "nord"\n\n[views]\nloss = "map"\n'
    assert with_value(second, "unit", "op") == '# head\ntheme = "nord"\nunit = "op"\n\n[views]\nloss = "map"\n'


def test_lines_that_end_as_in_windows_go_on_to() -> None:
    edited = with_value('theme = "nord"\r\n[views]\r\n', "views.loss", "map")
    assert edited == 'theme = "nord"\r\n[views]\r\nloss = "map"\r\n'
    assert with_value('theme = "nord"\r\n', "theme", "x") == 'theme = "x"\r\n'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('views = { loss = "map" }\n', "views.loss"),
        ('theme = """\nnord"""\n', "theme"),
        ("theme = [\n1]\n", "theme"),
        ("views = 3\n", "views.loss"),
        ("views = { }\n", "views.loss"),
    ],
)
def test_what_cannot_be_put_in_alone_is_not_put_in(text: str, path: str) -> None:
    assert with_value(text, path, "curve") is None


@given(
    comment=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
    values=st.lists(
        st.tuples(st.sampled_from(["theme", "unit", "views.loss", "views.data", "panes.first"]), st.text(max_size=8)),
        max_size=6,
    ),
    begin=st.sampled_from(
        ["", OWN, "[views]\n[keys]\nplay = 'k'", "\n\n# x\n[keys]", "theme = 'a'", "[panes] # z\n\n"]
    ),
)
def test_any_values_one_after_the_other_are_all_there(comment: str, values: list[tuple[str, str]], begin: str) -> None:
    text, wanted = f"# {comment}\n{begin}", tomllib.loads(begin)
    for path, value in values:
        if any("\ud800" <= character <= "\udfff" for character in value):
            continue
        edited = with_value(text, path, value)
        assert edited is not None
        text = edited
        *group, key = path.split(".")
        (wanted.setdefault(group[0], {}) if group else wanted)[key] = value
    assert tomllib.loads(text) == wanted
    assert f"# {comment}" in text.split("\n")
