"""What is wrong, in the line below the panes: the root cause first, how much more there is, and what to press.

What has no room goes in turn: words of the hint, the evidence, the hint, the topic of the preset; never a part of one
without an ellipsis.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.diagnosis.roots import root
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

Keys = Sequence[tuple[str, str]]

GAP = "   "
LEAST_EVIDENCE = 16
"""Cells of evidence that are worth reading."""
HINTS: tuple[tuple[str, str], ...] = (("d", " why, and what helps"), ("d", " why"))
"""The key of the diagnosis and what it does, in a long and a short form."""
WAYS_OUT: tuple[tuple[str, str], ...] = (("←", " back"), ("r", " again"))
"""What to press where a run has halted."""


def summary_line(findings: Sequence[Finding], tags: Iterable[str], look: Look, width: int) -> Strip | None:
    """`▸ warning: poor initialization, layer 9: …   +2 more: exploding gradient   d why, and what helps`.

    None where nothing is still there. `tags` are the preset's: what it is about is named, though it is not the root.
    """
    first = root(findings)
    if first is None:
        return None
    about = topic(findings, tags)
    return laid_out(
        f"{look.glyphs.cursor} {first.severity}: ",
        first,
        more_texts(findings, first, about),
        ((HINTS[0],), (HINTS[1],), ()),
        look,
        width,
    )


def halted_line(
    what: str, findings: Sequence[Finding], tags: Iterable[str], look: Look, width: int, hide: Hidden = NOTHING_HIDDEN
) -> Strip:
    """`Z⁽⁶⁾ is not finite: forward · layer 6 · step 3   cause: poor initialization, layer 1   d why   ← back`.

    `what` halted the run; it may have a colon, behind which it is cut where there is no room. What is in `hide` is not
    told: neither the cause without the diagnosis, nor a key that does nothing.
    """
    from .finding_lines import title  # Not needed to open.

    told = "diagnosis" not in hide
    causes = [finding for finding in findings if finding.rule != "not_finite" and told]
    first = root(causes)
    why: Keys = HINTS[1:] if told else ()
    again: Keys = () if "restart" in hide else WAYS_OUT[1:]
    short, name_alone = (*why, WAYS_OUT[0]), what.split(":")[0]
    if first is None:
        forms: list[tuple[str, Keys]] = [(what, (*short, *again)), (what, short), (name_alone, short)]
        return first_fitting([*forms, (name_alone, ())], 0, None, look, width)
    more = more_texts(causes, first, topic(causes, tags))
    least, most = (f"{GAP}{extra}" if extra else "" for extra in (more[-1], more[0]))
    reason = f"{GAP}cause: {title(first)}"
    forms = [(f"{what}{reason}{extra}", (*short, *again)) for extra in (most, least)]
    forms += [(f"{form}{reason}{least}", short) for form in (what, name_alone)]
    forms += [(f"{name_alone}{reason}{least}", keys) for keys in (why, ())]
    return first_fitting(forms, 0, None, look, width)


def topic(findings: Sequence[Finding], tags: Iterable[str]) -> Finding | None:
    """What the preset is about: what the first of its tags names that names something found, still there or gone."""
    from backprop_tui.core.diagnosis.rules import RULES  # Not needed to open.

    for tag in tags:
        named = [finding for finding in findings if f" {tag} " in f" {RULES[finding.rule].title} "]
        if named:
            return min(named, key=lambda finding: (not finding.active, -finding.cleared, finding.step))
    return None


def more_texts(findings: Sequence[Finding], first: Finding, about: Finding | None) -> list[str]:
    """What is there beside the first, ever shorter: how many with the preset's topic, and the number alone."""
    from backprop_tui.core.diagnosis.rules import RULES  # Not needed to open.

    more = sum(finding.active for finding in findings) - 1
    short = f"+{more} more" if more else ""
    if about is None or about.rule == first.rule:
        return [short]
    name = RULES[about.rule].title
    if about.active:
        return [f"{short}: {name}", short]
    gone = (f"{name} until step {about.cleared:,.0f}", f"{name} gone")
    return [*(", ".join(part for part in (short, text) if part) for text in gone), short]


def laid_out(head: str, finding: Finding, more: Sequence[str], hints: Sequence[Keys], look: Look, width: int) -> Strip:
    """A finding with as much of its evidence and of the rest as there is room for; `hints` ever shorter."""
    from .finding_lines import limit_text, title  # Not needed to open.

    name, evidence = f"{head}{title(finding)}", f"{finding.evidence}{limit_text(finding)}"
    behind = [f"{GAP}{extra}" if extra else "" for extra in more]
    forms: list[tuple[str, Keys]] = [(f"{name}: {evidence}{behind[0]}", keys) for keys in hints[:-1]]
    room = width - cell_len(look.text(f"{name}: {behind[0]}")) - cells_of(hints[-2], look)
    if room >= LEAST_EVIDENCE:
        forms.append((f"{name}: {fit(evidence, room, look)}{behind[0]}", hints[-2]))
    forms += [(f"{name}{extra}", keys) for part in (behind[:-1], behind[-1:]) for keys in hints[-2:] for extra in part]
    return first_fitting(forms, len(head), finding, look, width)


def first_fitting(
    forms: Sequence[tuple[str, Keys]], head: int, finding: Finding | None, look: Look, width: int
) -> Strip:
    """The first of the forms, each a text and keys behind it, that has room; the last is cut. `head` cells of it are
    in the style of the finding's severity, all of it in that of a warning without one."""
    from .finding_lines import severity_style  # Not needed to open.

    palette = look.palette
    text, keys = next(
        ((text, keys) for text, keys in forms if cell_len(look.text(text)) + cells_of(keys, look) <= width), forms[-1]
    )
    text = fit(text, width - cells_of(keys, look) if cells_of(keys, look) < width else width, look)
    plain = style(palette.text if finding is not None else palette.warning)
    parts: list[Part] = [(text[head:], plain)]
    if finding is not None:
        parts.insert(0, (text[:head], severity_style(finding.severity, look)))
    for key, does in keys:
        parts += [
            (GAP, None),
            (look.text(look.keys.said(key)), style(palette.accent, bold=True)),
            (does, style(palette.dim)),
        ]
    return line(parts, width)


def cells_of(keys: Keys, look: Look) -> int:
    """Cells of the keys with what they do, and of the gaps before them."""
    return sum(len(GAP) + cell_len(look.text(look.keys.said(key))) + cell_len(does) for key, does in keys)
