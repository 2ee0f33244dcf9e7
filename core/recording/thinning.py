"""Which kept steps go when there are too many: the further back, the further apart are those that stay."""

from collections.abc import Mapping


def superfluous(sizes: Mapping[int, int], excess: int) -> list[int]:
    """The steps to forget, of those with these `sizes` in bytes, so that at least `excess` bytes are gained.

    A step goes before another where the gap that it leaves is smaller beside how long ago it is. The first and the
    last stay: where all others are not enough, these others are all that go.
    """
    steps, gone, gained = sorted(sizes), [], 0
    while gained < excess and len(steps) > 2:
        last = steps[-1]
        places = range(1, len(steps) - 1)
        gaps = {i: (steps[i + 1] - steps[i - 1]) / (last - steps[i]) for i in places}
        dropped: set[int] = set()
        for place in sorted(places, key=gaps.__getitem__):
            # Of neighbours only one goes at a time: the gap of the other has grown by then.
            if dropped.isdisjoint((place - 1, place + 1)):
                dropped.add(place)
                gained += sizes[steps[place]]
                if gained >= excess:
                    break
        gone += [steps[place] for place in sorted(dropped)]
        steps = [step for place, step in enumerate(steps) if place not in dropped]
    return gone
