"""Whether this process is the one that writes: of several that train one network together, the one of rank 0 alone."""

import os
import sys


def writes_here() -> bool:
    """False in a process of `torch.distributed` whose rank is not 0, also before its group has been made."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() == 0)
    # What torchrun and its like give each process.
    several = os.environ.get("WORLD_SIZE", "1") not in ("", "1")
    return not several or os.environ.get("RANK", "0") in ("", "0")
