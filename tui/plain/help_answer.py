"""Help: the words there are, what one of them does, and what the glossary says of a term."""

from collections.abc import Iterator, Sequence

from backprop_tui.core.preset.schema import PresetError

from .run import PlainRun
from .word import Word


def helped(run: PlainRun | None, text: str, words: Sequence[Word]) -> Iterator[str]:
    """`help` lists the words, `help WORD` says what one does, or what a term or a symbol means."""
    if text:
        yield from about(text, words)
        return
    group = ""
    for word in words:
        if run is not None and word.hidden(run.hide):
            continue
        if word.group != group:
            group = word.group
            yield f"{group}:"
        yield word.line()
    yield "help WORD says more, help dW what a symbol or a term means. The screen's keys do as their words do."


def about(text: str, words: Sequence[Word]) -> Iterator[str]:
    """One word, and the glossary's entry of that name."""
    from backprop_tui.core.lessons.glossary import entry, search

    found = next((word for word in words if text in word.names), None)
    if found is not None:
        yield found.line()
        if found.also:
            yield f"Also: {', '.join(found.also)}."
    try:
        one = entry(text)
    except PresetError as problem:
        if found is None:
            near = [each.name for each in search(text)][:5]
            if not near:
                raise PresetError(f"there is no word {text!r}, and {str(problem).partition(';')[0]}") from None
            yield f"The glossary has nothing called {text}, but speaks of it under: {'; '.join(near)}."
        return
    yield f"{one.symbol + ', ' if one.symbol else ''}{one.name}: {one.text}"
    yield from one.formulas
    if one.see:
        yield f"See {', '.join(one.see)}."
