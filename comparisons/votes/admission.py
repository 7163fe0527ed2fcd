"""Whether a vote counts, as far as votes from its network go. Pure."""

from __future__ import annotations

from enum import Enum


class Admission(Enum):
    """What becomes of a vote. None of them drops it."""

    COUNTED = "counted"
    ASK_WORK = "kept aside until the browser has worked for it"
    SET_ASIDE = "kept aside"


def admission(*, free: bool, worked: bool, with_work: bool) -> Admission:
    """`free`: within the limit of its network; `with_work`: within the one for votes that took work.

    Work that is proven always counts: it is asked for within the second limit only, and is good once.
    """
    if free or worked:
        return Admission.COUNTED
    return Admission.ASK_WORK if with_work else Admission.SET_ASIDE
