"""What the stand-in's control address lists at /traffic: what happened in each tenth of a second in which anything did."""

import math


def begins(tenth):
    return tenth["begin_ns"] / 1e9


def highest(tenths, name, since):
    """The most in any second, not only in those of a clock, from the tenth that `since` lies in."""
    late = [(begins(tenth), tenth[name]) for tenth in tenths if begins(tenth) > since - 0.1]
    return max((sum(count for at, count in late if begin <= at < begin + 0.95) for begin, _ in late), default=0)


def by_second(tenths, name, began, zero, ended):
    """How many in each second, also in those with none; the key is when it begins, seconds from `zero` on."""
    seconds = {second: 0 for second in range(math.floor(began - zero), math.floor(ended - zero))}
    for tenth in tenths:
        second = math.floor(begins(tenth) - zero)
        if second in seconds:
            seconds[second] += tenth[name]
    return seconds
