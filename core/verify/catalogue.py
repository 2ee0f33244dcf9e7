"""All mistakes, the more specific before the more general where two give the same numbers."""

from .forward_mistakes import FORWARD_MISTAKES
from .gradient_mistakes import GRADIENT_MISTAKES
from .mistake import Mistake
from .parameter_mistakes import PARAMETER_MISTAKES
from .update_mistakes import UPDATE_MISTAKES

GENERAL = ("learning_rate_factor", "gradient_accumulated", "loss_gradient_factor", "loss_factor", "wrong_sign")
"""What is said only where nothing more specific gives the numbers."""
CATALOGUE: tuple[Mistake, ...] = tuple(
    sorted(
        (*FORWARD_MISTAKES, *GRADIENT_MISTAKES, *PARAMETER_MISTAKES, *UPDATE_MISTAKES),
        key=lambda mistake: mistake.id in GENERAL,
    )
)
