"""TOML that is deeper, longer or larger than any preset: one line, and no time or depth without end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.preset.toml_document import DEEPEST, is_deep, loads, parse

PRESET = """title = "Small"
[data]
kind = "inline"
inputs = [[0.5, 0.8]]
targets = [[1.0]]
[[layers]]
units = 1
activation = "sigmoid"
"""
DEEP = {
    "dotted key": ".".join(["a"] * 600) + " = 1",
    "longer dotted key": ".".join(["a"] * 100_000) + " = 1",
    "quoted dotted key": " . ".join(["'a b'", '"c"'] * 300) + " = 1",
    "table": "[" + ".".join(["a"] * 600) + "]",
    "list of tables": "[[" + ".".join(["a"] * 600) + "]]",
    "many tables, each in another": "\n".join(f"[{'.'.join(['a'] * depth)}]" for depth in range(1, DEEPEST + 2)),
    "list": "a = " + "[" * 300 + "]" * 300,
    "longer list": "a = " + "[" * 100_000,
    "inline tables": "a = " + "{ b = " * 300 + "1" + " }" * 300,
    "dotted keys in inline tables": "a = " + "{ b.b.b = " * 100 + "1" + " }" * 100,
}
NUMBERS = {
    "hexadecimal": "0x" + "f" * 5000,
    "octal": "0o" + "7" * 20_000,
    "binary": "0b" + "1" * 100_000,
    "beyond 64 bits": str(2**63),
    "negative beyond 64 bits": str(-(2**63)),
}


@pytest.mark.parametrize("case", DEEP)
def test_what_is_deep_without_end_is_refused(case: str) -> None:
    with pytest.raises(PresetError, match=r"^a\.toml: expected at most 64 tables and lists inside one another"):
        parse(DEEP[case], "a.toml")


@pytest.mark.parametrize("value", [DEEP[case].removeprefix("a = ") for case in DEEP if DEEP[case].startswith("a = ")])
def test_values_of_settings_are_not_deep_either(value: str) -> None:
    with pytest.raises(PresetError, match="inside one another"):
        apply_setting({}, f"data.inputs={value}")


def test_paths_of_settings_are_not_deep_either() -> None:
    with pytest.raises(PresetError, match="inside one another"):
        apply_setting({}, ".".join(["a"] * 600) + "=1")
    with pytest.raises(PresetError, match="inside one another"):
        from_table({**parse(PRESET, ""), "variants": [{"name": "a", "set": {".".join(["a"] * 600): 1}}]}, "a.toml")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "key", ["seed", "data.noise", "data.inputs.0.0", "title", "layers.0.units", "layers", "no", "training.dtype"]
)
def test_integers_of_any_size_are_numbers_that_a_preset_cannot_hold(number: str, key: str) -> None:
    if number == "negative beyond 64 bits" and key in ("data.inputs.0.0", "data.noise"):
        key = "seed"
    with pytest.raises(PresetError) as caught:
        from_table(apply_setting(parse(PRESET, "a.toml"), f"{key}={NUMBERS[number]}"), "a.toml")
    assert len(str(caught.value)) < 200


def test_decimal_numbers_have_a_largest_number_of_digits() -> None:
    with pytest.raises(PresetError, match="too many digits"):
        parse("seed = " + "9" * 5000, "a.toml")
    with pytest.raises(PresetError, match="expected a TOML value"):
        apply_setting({}, "seed=" + "9" * 5000)


def test_a_setting_is_text() -> None:
    with pytest.raises(PresetError, match="UTF-8"):
        apply_setting({}, 'title="\udcff"')


def test_texts_with_many_dots_are_no_keys() -> None:
    for text in ("0.5,0.25," * 1000, "One. Two.\n" * 1000, "a" * 10**6, '"' * 1000, "... " * 1000, "- a.b.c\n" * 1000):
        assert loads(f"lesson = '''{text}'''")["lesson"] == text


@given(st.integers(1, 2 * DEEPEST), st.lists(st.booleans(), min_size=2 * DEEPEST, max_size=2 * DEEPEST))
def test_depth_is_counted_in_tables_and_lists(depth: int, lists: list[bool]) -> None:
    value: object = 1
    for is_list in lists[: depth - 1]:
        value = [value, 2] if is_list else {"a": value, "b": 2}
    assert is_deep({"a": value}) == (depth > DEEPEST)
