"""Questions to a run: what comes next, what if, and what it should stop at."""
