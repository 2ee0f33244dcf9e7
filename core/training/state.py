"""The whole of training at a step's boundary, as one value that is copied, compared and restored.

Parameters and moments are rows of one array, so that a copy is one copy of memory.
"""

import numpy as np

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.value_class import dataclass


@dataclass(slots=True, eq=False)
class TrainingState:
    """What a step boundary is made of.

    `vectors`: (1 + moments, size), the parameters in row 0. `statistics`: the running means and variances of all
    batch norms. `step`: how many steps are done.
    """

    vectors: Array
    statistics: Array
    step: int = 0

    @property
    def parameters(self) -> Array:
        """(size,), a view."""
        row: Array = self.vectors[0]
        return row

    @property
    def bytes(self) -> int:
        return self.vectors.nbytes + self.statistics.nbytes

    def copy(self) -> "TrainingState":
        return TrainingState(self.vectors.copy(), self.statistics.copy(), self.step)

    def restore(self, other: "TrainingState") -> None:
        """Become equal to `other`, in place: views of the arrays stay valid."""
        np.copyto(self.vectors, other.vectors)
        np.copyto(self.statistics, other.statistics)
        self.step = other.step

    def __eq__(self, other: object) -> bool:
        """Bit for bit, NaN equal to itself."""
        return (
            isinstance(other, TrainingState)
            and self.step == other.step
            and self.vectors.tobytes() == other.vectors.tobytes()
            and self.statistics.tobytes() == other.statistics.tobytes()
        )

    __hash__ = None  # type: ignore[assignment]
