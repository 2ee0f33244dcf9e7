"""The random numbers of TensorFlow Playground: David Bau's seedrandom, which is ARC4 with a text for its key.

Source: seedrandom 2.x (MIT licence); ARC4 is RC4 with its first 256 bytes dropped. The numbers are JavaScript's
`Math.random()` after `Math.seedrandom(seed)`, bit for bit.
"""

from math import log, sqrt
from typing import TypeVar

WIDTH = 256
CHUNKS = 6
"""Bytes that a number begins with; more follow until it has 52 bits."""
SIGNIFICANCE, OVERFLOW = 2**52, 2**53

T = TypeVar("T")


class SeedRandom:
    """A stream of numbers from a seed, as JavaScript would write it: `"0.76033"`."""

    def __init__(self, seed: str) -> None:
        key = mixed(seed) or [0]
        state = list(range(WIDTH))
        j = 0
        for i in range(WIDTH):
            j = (j + key[i % len(key)] + state[i]) % WIDTH
            state[i], state[j] = state[j], state[i]
        self.state, self.i, self.j = state, 0, 0
        self.bytes(WIDTH)

    def bytes(self, count: int) -> int:
        """The next bytes as one number, the first the most significant."""
        state, i, j, value = self.state, self.i, self.j, 0
        for _ in range(count):
            i = (i + 1) % WIDTH
            j = (j + state[i]) % WIDTH
            state[i], state[j] = state[j], state[i]
            value = value * WIDTH + state[(state[i] + state[j]) % WIDTH]
        self.i, self.j = i, j
        return value

    def random(self) -> float:
        """A number from 0 to below 1, of 52 or 53 bits."""
        numerator, denominator, low = float(self.bytes(CHUNKS)), float(WIDTH**CHUNKS), 0
        while numerator < SIGNIFICANCE:
            numerator, denominator = (numerator + low) * WIDTH, denominator * WIDTH
            low = self.bytes(1)
        while numerator >= OVERFLOW:
            numerator, denominator, low = numerator / 2, denominator / 2, low >> 1
        return (numerator + low) / denominator

    def uniform(self, low: float, high: float) -> float:
        """A number from `low` to below `high`."""
        return self.random() * (high - low) + low

    def normal(self, mean: float, variance: float) -> float:
        """A normally distributed number, by the polar method of Marsaglia, of whose two numbers one is thrown away."""
        while True:
            one, other = 2 * self.random() - 1, 2 * self.random() - 1
            square = one * one + other * other
            if square <= 1:
                return mean + sqrt(variance) * (sqrt(-2 * log(square) / square) * one)

    def shuffle(self, values: list[T]) -> None:
        """Put the values into another order, by the method of Fisher and Yates, from the last to the first."""
        for counter in range(len(values), 0, -1):
            index = int(self.random() * counter)
            values[counter - 1], values[index] = values[index], values[counter - 1]


def mixed(seed: str) -> list[int]:
    """The key, up to 256 bytes, from a text of any length: 16-bit units, as JavaScript has them."""
    key: list[int] = []
    smear = 0
    units = seed.encode("utf-16-le", "surrogatepass")
    for place in range(len(units) // 2):
        unit = units[2 * place] | units[2 * place + 1] << 8
        at = place % WIDTH
        smear ^= (key[at] if at < len(key) else 0) * 19
        value = (smear + unit) % WIDTH
        if at < len(key):
            key[at] = value
        else:
            key.append(value)
    return key
