"""The examples of a data set as they stand in files of arrays, one row an example, before they are laid for a run."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from .named_file import LARGEST, size
from .schema import Place
from .stored_rows import StoredRows

Names = tuple[str, ...]
Inputs = NDArray[Any] | StoredRows
BYTE = 255.0
"""What pixels that are bytes are divided by."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Both parts of a data set, in the number types of their files.

    `inputs` (n, features) are numbers, `targets` (n,) or (n, outputs) numbers, truth values or texts. The arrays of a
    test part are None where the files have none of their own. Large inputs stay in their files. An input is what stands
    there, divided by `divisor`.
    """

    inputs: Inputs
    targets: NDArray[Any]
    test_inputs: Inputs | None = None
    test_targets: NDArray[Any] | None = None
    divisor: float = 1.0
    image_shape: tuple[int, int] | None = None
    feature_names: Names = ()
    class_names: Names = ()
    """Of class numbers 0, 1, …, where the file names them."""
    target_column: str | int = 0
    """Of a single array, the column that was taken for the target where none was named; 0 for none."""
    notes: Names = ()


def refuse_large(examples: int, values: int, place: Place, itemsize: int = 8, held: int = 0) -> None:
    """Raises PresetError where `examples` of `values` numbers of `itemsize` bytes would need more than 1 GB.

    `held` are the bytes that they take as they are read, beside which they are laid.
    """
    needed = examples * values * itemsize + held
    if needed > LARGEST:
        what = f"{examples:,} examples × {values:,} numbers would need {size(needed)}, the limit is {size(LARGEST)}"
        raise place.error(f"{what}; use fewer examples" + ("" if itemsize < 8 else ', or training.dtype = "float32"'))
