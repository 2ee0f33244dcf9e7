"""What it would cost to find the weights by trying them all, or their gradient by finite differences.

The numbers are far beyond what a float holds, so they are worked out as logarithms. Enumeration counts every choice:
a search that keeps what lowers the loss is another method, and does get somewhere.
"""

from math import ceil, floor, log2, log10

from backprop_tui.core.value_class import dataclass

TRIALS_A_SECOND = 1e9
VALUES = 10
"""Of a parameter, of which the pace that was measured is told."""
YEAR = 365.25 * 24 * 3600
"""Seconds in a Julian year."""
AGE_OF_THE_UNIVERSE = 13.8e9
"""Years; Planck 2018."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Trying each of the kᴺ ways in which `parameters` N numbers can each be one of `values` k, so many a second.

    Logarithms are to base 10.
    """

    parameters: int
    values: int = 2
    trials_a_second: float = TRIALS_A_SECOND

    @property
    def log_choices(self) -> float:
        """log₁₀ kᴺ."""
        return self.parameters * log10(self.values)

    @property
    def log_years(self) -> float:
        """log₁₀ of the years that it takes."""
        return self.log_choices - log10(self.trials_a_second * YEAR)

    @property
    def log_ages(self) -> float:
        """The same in ages of the universe."""
        return self.log_years - log10(AGE_OF_THE_UNIVERSE)


def hopeless_from() -> int:
    """The least number of parameters whose enumeration takes longer than the universe has been there."""
    return ceil(log2(TRIALS_A_SECOND * YEAR * AGE_OF_THE_UNIVERSE))


def numerical_gradient_passes(parameters: int) -> int:
    """Forward passes of one gradient by central differences: two a parameter."""
    return 2 * parameters


def power_of_ten(exponent: float) -> str:
    """10^exponent in three digits: `19.6`, `10^9`, `6.19 × 10^26`, `9.9 × 10^301,029`."""
    if -3 <= exponent < 6:
        return f"{10**exponent:,.3g}" if exponent < 3 else f"{10**exponent:,.0f}"
    whole = floor(exponent)
    mantissa = f"{10 ** (exponent - whole):.3g}"
    if mantissa == "10":
        mantissa, whole = "1", whole + 1
    text = f"10^{whole:,}" if mantissa == "1" else f"{mantissa} × 10^{whole:,}"
    return text.replace("-", "−")


def took(found: Enumeration) -> str:
    """`4.1 × 10^12 years`; in seconds what takes less than a year."""
    if found.log_years < 0:
        return f"{power_of_ten(found.log_years + log10(YEAR))} seconds"
    return f"{power_of_ten(found.log_years)} years"


def pace_line(parameters: int, passes_a_second: float) -> str:
    """What trying VALUES values of each parameter would cost, a forward pass a try, at the pace that was measured."""
    found = Enumeration(parameters, VALUES, passes_a_second)
    tries = power_of_ten(found.log_choices)
    return (
        f"Exhaustive search, with {VALUES} values for each of the {parameters:,} parameters: {tries} forward passes. "
        f"At the {passes_a_second:,.0f} a second that were measured here they would take {took(found)}."
    )


def cost_lines(parameters: int) -> list[str]:
    """What enumerating and differencing would cost for a network of so many parameters, one sentence a line."""
    found = Enumeration(parameters)
    compared = f"{power_of_ten(found.log_ages)} times the age of the universe, 13.8 × 10^9 years"
    if found.log_ages < 0:
        compared = f"less than the age of the universe, which {hopeless_from()} parameters would exceed"
    return [
        f"If each of the {parameters:,} parameters could only be one of two numbers, there would be "
        f"2^{parameters:,} = {power_of_ten(found.log_choices)} networks.",
        f"Trying them all, {power_of_ten(log10(TRIALS_A_SECOND))} a second, would take {took(found)}: {compared}.",
        "That counts enumeration, not random search that keeps what is better: the table shows how far that gets.",
        f"One gradient by central differences takes 2N = {numerical_gradient_passes(parameters):,} forward passes.",
    ]
