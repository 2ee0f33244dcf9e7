"""A page of the documentation for a terminal: its Markdown but for headings and tables, broken to the width."""

import re
from textwrap import wrap

HEADING = re.compile(r"(#+) (.*)")
ITEM = re.compile(r"(?:- |[0-9]+\. )")
CELL = re.compile(r"(?<!\\)\|")
RULE = re.compile(r":?-+:?")
GAP = 2
UNDERLINES = {1: "=", 2: "-"}
NARROWEST = 40


def page_text(page: str, width: int) -> str:
    """`page` in lines of at most `width` cells, where its words are not longer; code stays as it is."""
    lines: list[str] = []
    block: list[str] = []
    table: list[list[str]] = []
    width = max(width, NARROWEST)
    code = False

    def end() -> None:
        if block:
            lines.extend(broken(block, width))
            block.clear()
        if table:
            lines.extend(laid_out(table, width))
            table.clear()

    for line in page.splitlines():
        if line.startswith("```"):
            end()
            code = not code
        elif code:
            lines.append(f"    {line}".rstrip())
        elif heading := HEADING.fullmatch(line):
            end()
            lines += [heading[2], UNDERLINES.get(len(heading[1]), "-") * len(heading[2])]
        elif line.startswith("|"):
            if not table:
                end()
            table.append([cell.strip().replace("\\|", "|") for cell in CELL.split(line.strip().strip("|"))])
        elif not line.strip():
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


def laid_out(table: list[list[str]], width: int) -> list[str]:
    """A table in columns; where it is too wide for that, each row as its first cell with the others under it."""
    rows = [row for row in table if not all(RULE.fullmatch(cell) for cell in row)]
    columns = [max(map(len, column)) for column in zip(*rows, strict=False)]
    if sum(columns) + GAP * (len(columns) - 1) <= width:
        gap = " " * GAP
        return [gap.join(cell.ljust(room) for cell, room in zip(row, columns, strict=False)).rstrip() for row in rows]
    heads, *others = rows
    lines: list[str] = []
    for first, *rest in others:
        lines += broken([f"- {first}"], width)
        for head, cell in zip(heads[1:], rest, strict=False):
            if not cell:
                continue
            lines += wrap(
                f"{head}: {cell}" if len(heads) > 2 else cell,
                width,
                initial_indent="  ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines
