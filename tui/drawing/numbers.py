"""Numbers as text: rounded correctly, never wider than their room, blank where there is none yet.

A number that does not fit at all is `###`, as in a spreadsheet: a cut number would be read as another number.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from .glyphs import UNICODE, Glyphs

FIXED_FROM, FIXED_BELOW = 1e-4, 1e6
"""The magnitudes that are written without an exponent where there is room."""


@lru_cache(maxsize=8192)
def format_number(x: float | None, width: int = 12, digits: int = 6, glyphs: Glyphs = UNICODE) -> str:
    """`x` with as many of `digits` significant digits as fit into `width` characters; None is the blank glyph.

    Zeros at the end are left out where the number is exact without them: 0.5, not 0.500000.
    """
    if width <= 0:
        return ""
    if x is None:
        return glyphs.blank
    text = word(x)
    if text is None:
        text = "0" if x == 0 else _best(x, width, digits)
    return text.replace("-", glyphs.minus, 1) if text[:1] == "-" and len(text) <= width else _fitting(text, width)


def word(x: float) -> str | None:
    """`nan`, `inf` or `-inf`, None for a finite number."""
    if math.isfinite(x):
        return None
    return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def _fitting(text: str, width: int) -> str:
    return text if len(text) <= width else "#" * width


def _best(x: float, width: int, digits: int) -> str:
    """The text with most digits that fits, in fixed notation where that loses none of them."""
    in_fixed_range = FIXED_FROM <= abs(x) < FIXED_BELOW
    for wanted in range(max(1, digits), 0, -1):
        if in_fixed_range and len(text := _fixed(x, wanted)) <= width:
            return text
        if len(text := _scientific(x, wanted)) <= width:
            return text
    short = f"{x:.0e}"
    mantissa, exponent = short.split("e")
    return f"{mantissa}e{int(exponent)}"


def _fixed(x: float, digits: int) -> str:
    """Fixed notation with `digits` significant digits, all digits of the integer part."""
    exponent = int(f"{x:.{digits - 1}e}".split("e")[1])
    return _without_idle_zeros(f"{x:.{max(0, digits - 1 - exponent)}f}", x)


def _scientific(x: float, digits: int) -> str:
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    short = _without_idle_zeros(mantissa, None)
    return f"{short}e{exponent}" if float(f"{short}e{exponent}") == x else f"{mantissa}e{exponent}"


def _without_idle_zeros(text: str, exact: float | None) -> str:
    """`text` without zeros at the end of its fraction, where it then still is `exact` (None: in any case)."""
    if "." not in text:
        return text
    short = text.rstrip("0").rstrip(".")
    return short if exact is None or float(short) == exact else text


def format_column(values: Sequence[float | None], width: int, digits: int = 6, glyphs: Glyphs = UNICODE) -> list[str]:
    """The values in one notation, aligned on the point, all of the same length of at most `width`.

    Where a common exponent would leave one digit of each, those that need one stand beside the others on the point.
    """
    if width <= 0:
        return [""] * len(values)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    decimals = _common_decimals(finite, width, digits)
    if decimals is not None:
        texts = [_column_entry(value, f".{decimals}f", glyphs) for value in values]
        point = decimals + (decimals > 0)
        texts = [_blank_on_point(text, point, glyphs) for text in texts]
    else:
        mantissa = next((d for d in range(digits - 1, 0, -1) if _widest(finite, f".{d}e") <= width), 0)
        texts = [_column_entry(value, f".{mantissa}e", glyphs) for value in values]
        aligned = _most_decimals(finite, width, digits) if not mantissa else 0
        if aligned:
            texts = [_on_point_or_alone(value, aligned, width, digits, glyphs) for value in values]
    room = min(width, max(map(len, texts), default=0))
    if any(len(text.strip()) > room for text in texts):
        texts = [format_number(value, room, digits, glyphs) for value in values]
    return [text.rjust(room)[-room:] for text in texts]


def _common_decimals(finite: Sequence[float], width: int, digits: int) -> int | None:
    """Digits after the point for all values, or None where only an exponent shows them all.

    The largest value gets `digits` significant digits where there is room; the smallest must keep two.
    """
    nonzero = [abs(value) for value in finite if value != 0]
    if not nonzero:
        return 0
    largest, smallest = max(nonzero), min(nonzero)
    if largest >= FIXED_BELOW or smallest < FIXED_FROM:
        return None
    top = max(0, digits - 1 - _exponent(largest, digits), 1 - _exponent(smallest, 2))
    for decimals in range(top, -1, -1):
        if _widest(finite, f".{decimals}f") <= width:
            keeps_two = decimals >= 1 - _exponent(smallest, 2)
            if not keeps_two and any(float(f"{value:.{decimals}f}") != value for value in finite):
                return None
            while decimals and all(float(f"{value:.{decimals - 1}f}") == value for value in finite):
                decimals -= 1
            return decimals
    return None


def _most_decimals(finite: Sequence[float], width: int, digits: int) -> int:
    """The most digits after the point, of at most `digits`, with which all values have room in fixed notation."""
    if any(abs(value) >= FIXED_BELOW for value in finite):
        return 0
    return next((d for d in range(digits, 0, -1) if _widest(finite, f".{d}f") <= width), 0)


def _on_point_or_alone(value: float | None, decimals: int, width: int, digits: int, glyphs: Glyphs) -> str:
    """The value with so many decimals; one of which these would leave less than two digits as if it stood alone."""
    if value and math.isfinite(value) and decimals < 1 - _exponent(value, 2) and round(value, decimals) != value:
        return format_number(value, width, digits, glyphs)
    return _blank_on_point(_column_entry(value, f".{decimals}f", glyphs), decimals + 1, glyphs)


def _exponent(x: float, digits: int) -> int:
    """The decimal exponent of `x` after rounding to `digits` significant digits."""
    return int(f"{x:.{max(1, digits) - 1}e}".split("e")[1])


def _widest(values: Sequence[float], form: str) -> int:
    return max((len(format(value, form)) for value in values), default=0)


def _column_entry(value: float | None, form: str, glyphs: Glyphs) -> str:
    if value is None:
        return glyphs.blank
    text = word(value) or format(value + 0.0 if value else 0.0, form)
    return text.replace("-", glyphs.minus, 1) if text.startswith("-") else text


def _blank_on_point(text: str, point: int, glyphs: Glyphs) -> str:
    return text + " " * point if text == glyphs.blank else text


PRECISE_FROM, DECIMALS, WHOLE_DECIMALS = 1e-6, 9, 11
"""From what magnitude on a precise number has no exponent, its decimals, and those of one that ends there."""


SMALL = 1e-3
"""Below which a number reads well with an exponent too."""


def format_precise(x: float, glyphs: Glyphs = UNICODE) -> str:
    """`x` with nine decimals and at least six digits; whole where it ends soon behind them, as 2.8710591364 does."""
    magnitude = abs(x)
    if not math.isfinite(x) or not PRECISE_FROM <= magnitude < FIXED_BELOW:
        return format_number(x, 16, DECIMALS, glyphs)
    # In double precision the last digits are rounding.
    fraction = f"{float(f'{x:.15g}'):.15f}".rstrip("0").partition(".")[2]
    decimals = max(DECIMALS, 5 - math.floor(math.log10(magnitude)))
    if len(fraction) <= max(WHOLE_DECIMALS, decimals):
        decimals = len(fraction)
    text = f"{magnitude:.{decimals}f}"
    return glyphs.minus + text if x < 0 else text


def format_change(before: float, after: float, glyphs: Glyphs = UNICODE) -> tuple[str, str]:
    """Both with as many digits, and in one form: of small numbers with an exponent where one of them needs one."""
    texts = format_precise(before, glyphs), format_precise(after, glyphs)
    with_exponent = ["e" in text for text in texts]
    if with_exponent[0] == with_exponent[1] or max(abs(before), abs(after)) >= SMALL:
        return texts
    first, second = (
        text if has or x == 0 else f"{x:.{DECIMALS - 1}e}".replace("-", glyphs.minus, int(x < 0))
        for text, has, x in zip(texts, with_exponent, (before, after), strict=True)
    )
    return first, second


def format_percent(share: float, glyphs: Glyphs = UNICODE) -> str:
    """A change as a share with its sign, `−5.9 %`: two digits, more of one near −100 %, which it is not."""
    if share == 0:
        return "0 %"
    percent = 100 * share
    if abs(percent) >= 100:
        text = f"{percent:+,.0f}" if abs(percent) < FIXED_BELOW else f"{percent:+.1e}"
    else:
        digits = next((d for d in range(2, 12) if abs(float(f"{percent:.{d}g}")) != 100), 11)
        text = f"{percent:+.{digits}g}"
    return (glyphs.minus + text[1:] if text[0] == "-" else text) + " %"


def format_count(count: int) -> str:
    """A whole number with commas: 101,770."""
    return f"{count:,}"


def format_rate(rate: float) -> str:
    """A rate in four characters or so: 5.1k, 512, 0.5, 1.2M."""
    if not math.isfinite(rate):
        return word(rate) or ""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(rate) >= 0.9995 * unit:
            return f"{rate / unit:.3g}{name}" if abs(rate) >= 99.95 * unit else f"{rate / unit:.1f}{name}"
    return f"{rate:.0f}" if abs(rate) >= 99.95 or rate == int(rate) else f"{rate:.1f}"
