"""Reading the digits that come with the program."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@cache
def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64], int]:
    """The 2,000 training and then 500 test digits as bytes, (2500, 784), their labels, and the number of the former."""
    with (
        (files(__package__) / "digits.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as arrays,
    ):
        train, test = arrays["x_train"], arrays["x_test"]
        labels = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int64)
    return np.concatenate([train, test]).reshape(len(labels), -1), labels, len(train)
