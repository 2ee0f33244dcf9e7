"""A page of the documentation for a terminal: its Markdown as it is, but for headings, and broken to the width."""

import re
from textwrap import wrap

HEADING = re.compile(r"(#+) (.*)")
ITEM = re.compile(r"(?:- |[0-9]+\. )")
UNDERLINES = {1: "=", 2: "-"}
NARROWEST = 40


def page_text(page: str, width: int) -> str:
    """`page` in lines of at most `width` cells, where its words are not longer; code and tables stay as they are."""
    lines: list[str] = []
    block: list[str] = []
    code = False

    def end() -> None:
        if block:
            lines.extend(broken(block, max(width, NARROWEST)))
            block.clear()

    for line in page.splitlines():
        if line.startswith("```"):
            end()
            code = not code
        elif code:
            lines.append(f"    {line}".rstrip())
        elif heading := HEADING.fullmatch(line):
            end()
            lines += [heading[2], UNDERLINES.get(len(heading[1]), "-") * len(heading[2])]
        elif line.startswith("|") or not line.strip():
            end()
            lines.append(line)
        else:
            if ITEM.match(line):
                end()
            block.append(line.strip())
    end()
    return "\n".join(lines)


def broken(block: list[str], width: int) -> list[str]:
    """A paragraph, or an item of a list, whose lines behind the first stand under its text."""
    item = ITEM.match(block[0])
    behind = " " * len(item[0]) if item else ""
    return wrap(" ".join(block), width, subsequent_indent=behind, break_long_words=False, break_on_hyphens=False)
