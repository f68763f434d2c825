"""Why the keeper does not do what it is asked: a code for the receiver, a sentence for people."""

from enum import StrEnum


class Why(StrEnum):
    """The codes; each value is what a person reads."""

    NO_SHIFT = "there is no key of that shift: it never began, or its time is over"
    OVER = "the shift is over"
    OLD = "what it is shown is not newer than what began the shift"
    FORGED = "it was not made with that badge's key"
    NO_ALARM = "what it is shown is no alarm and no deadline that has passed"
    EARLY = "by the keeper's clock that deadline has not passed"
    HEARD = "the badge was heard a short while ago"
    USED = "a position was opened for that reason already"
    TOO_MANY = "too many were opened of late"
    NO_CLAIMS = "this keeper opens nothing on the receiver's word alone"
    OTHER = "what is sealed is not of that shift"
    DISK = "the keeper cannot write to its disk"
    NONSENSE = "the keeper does not understand that"


class RefusedError(Exception):
    """Nothing was done."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
