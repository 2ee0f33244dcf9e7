"""The gallery's subjects, and what a search finds."""

import pytest

from backprop_tui import presets
from backprop_tui.tui.command_line.loading import GalleryEntry, gallery
from backprop_tui.tui.drawing.glyphs import ASCII, UNICODE
from backprop_tui.tui.drawing.shape import shape_picture
from backprop_tui.tui.pages.catalogue import FIRST, MEANT, OTHER, START, best, search, sections, stem

ENTRIES = gallery()
TAGS = {tag for entry in ENTRIES for tag in entry.tags}


def made(name: str, **parts: object) -> GalleryEntry:
    return GalleryEntry(name, "A title", "What it shows.", (), "2-1 tanh", **parts)  # type: ignore[arg-type]


def test_it_leads_from_where_to_start_and_has_every_preset_once_under_a_subject() -> None:
    found = sections(ENTRIES)
    assert (found[0].title, tuple(entry.id for entry in found[0].entries)) == (START, FIRST)
    assert sorted(entry.id for section in found for entry in section.entries) == sorted(presets.names())
    assert OTHER not in [section.title for section in found]
    assert [section.title for section in sections([made("own")])] == [OTHER]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("mnist", "digits"),
        ("tutorial", "tour"),
        ("explode", "exploding"),
        ("explodes", "exploding"),
        ("softmax", "by-hand"),
        ("beginner", "first-steps"),
        ("dying relu", "dead-relu"),
        ("initialisation", "initialization"),
        ("Skip", "residual"),
        ("mnist softmax", "three-or-eight"),
    ],
)
def test_words_of_the_articles_find_what_they_mean(typed: str, wanted: str) -> None:
    found = [entry.id for entry in search(ENTRIES, typed)]
    assert wanted in found
    assert len(found) < len(ENTRIES) / 2


def test_what_only_a_lesson_says_is_found_where_no_entry_says_it() -> None:
    entries = [made("one", lesson="About wombats."), made("wombat"), made("other", lesson="Nothing.")]
    assert [entry.id for entry in search(entries, "wombats")] == ["wombat"]
    assert [entry.id for entry in search([entries[0], entries[2]], "wombats")] == ["one"]
    assert search(ENTRIES, "qqq") == []
    assert search(ENTRIES, "  ") == ENTRIES


def test_an_id_that_begins_as_typed_is_chosen_first() -> None:
    entries = [made("two-xor"), made("xor")]
    assert best(entries, "XO") is entries[1]
    assert best(entries, "title") is entries[0]
    assert best([], "xor") is None
    chosen = best(search(ENTRIES, "explode"), "explode")
    assert chosen is not None
    assert chosen.id == "exploding"


def test_every_meaning_is_a_tag_of_some_preset() -> None:
    assert {tag for those in MEANT.values() for tag in those} <= TAGS
    assert stem("he") == "he"


def test_a_shape_is_drawn_with_one_bar_a_layer_on_a_log_scale() -> None:
    assert shape_picture((2, 16, 16, 1), UNICODE.levels, 9) == "▂▄▄▁"
    assert shape_picture((None, 1024, 5000, 1), UNICODE.levels, 9) == " ██▁"
    assert shape_picture((1, *[1024] * 20, 2), ASCII.levels, 5) == "_##" + "#."
