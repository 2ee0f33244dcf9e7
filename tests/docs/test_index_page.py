"""The index of the documentation has every page, once, with a sentence."""

import re

from backprop_tui import docs

LINE = re.compile(r"^- \[([\w-]+)\.md\]\(([\w-]+)\.md\): ([^\n]+(?:\n  [^\n]+)*)", re.MULTILINE)


def test_every_page_has_one_line() -> None:
    lines = LINE.findall(docs.text("index"))
    named = [name for name, _, _ in lines]
    assert sorted(named) == [name for name in docs.names() if name != "index"], "docs/index.md has a line for each page"
    assert all(name == target for name, target, _ in lines)
    assert all(sentence.endswith(".") and len(sentence) > 20 for _, _, sentence in lines)
