"""What the page of the register is answered."""

from msgspec import Struct


class RegisterWorker(Struct, frozen=True):
    """Somebody of the register; `adult` is None where no date of birth is known."""

    name: str
    role: str
    adult: bool | None


class RegisterPermit(Struct, frozen=True):
    """A permit; `state` is valid, ends soon, ended, to come or no."""

    worker: str
    sort: str
    task: str
    site: str
    given_by: str
    first: str
    last: str
    state: str


class RegisterTask(Struct, frozen=True):
    """A task with its risk; nobody does one with an article alone."""

    name: str
    article: str
    effect: int
    probability: int
    priority: int


class RegisterShift(Struct, frozen=True):
    """A planned shift, in the local time of its site."""

    worker: str
    task: str
    site: str
    begins: str
    ends: str
    alone: bool


class RegisterMeasure(Struct, frozen=True):
    """A measure of the plan of action."""

    task: str
    site: str
    text: str
    owner: str
    status: str
    last: str


class RegisterTag(Struct, frozen=True):
    """A tag in a room; `on_plan`: it has a place on the floor plan of its site."""

    site: str
    room: str
    sort: str
    identity: str
    on_plan: bool


class RegisterFinding(Struct, frozen=True):
    """What is said of somebody's shifts; `weight` is refused, missing or soon."""

    sentence: str
    first: str
    shifts: int
    weight: str


class Register(Struct, frozen=True):
    """The register of those whom one may see; `left_out` counts what a list has more."""

    findings: list[RegisterFinding]
    permits: list[RegisterPermit]
    shifts: list[RegisterShift]
    workers: list[RegisterWorker]
    tasks: list[RegisterTask]
    measures: list[RegisterMeasure]
    tags: list[RegisterTag]
    left_out: int


class OwnRegister(Struct, frozen=True):
    """What the register has of whoever asks."""

    permits: list[RegisterPermit]
    shifts: list[RegisterShift]
