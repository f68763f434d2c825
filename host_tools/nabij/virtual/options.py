"""What the simulator can be told: its own tables, as it says them itself."""

import json
import subprocess
from dataclasses import dataclass

from nabij import places
from nabij.virtual import interpreter
from nabij.virtual.badge import VirtualBadgeError, micropython_path

_TELL = (
    "import json, sys\n"
    "sys.path.insert(0, {root!r})\n"
    "from sim.options import tell\n"
    "print(json.dumps(tell.tables()))\n"
)
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Option:
    """One option: what it takes, in words, and its default (None: it must be said)."""

    name: str
    value: str
    default: str | None
    meaning: str


@dataclass(frozen=True)
class Verb:
    """One verb and its arguments."""

    name: str
    arguments: tuple[Option, ...]
    meaning: str


@dataclass(frozen=True)
class Tables:
    """`options` are (name of the table, whose, rows)."""

    options: tuple[tuple[str, str, tuple[Option, ...]], ...]
    verbs: tuple[Verb, ...]
    modem_verbs: tuple[Verb, ...]
    when: tuple[Option, ...]


def tables() -> Tables:
    """The tables of sim/options; VirtualBadgeError when MicroPython cannot read them."""
    script = _TELL.format(root=str(places.SIMULATOR.parent))
    done = subprocess.run(
        [*interpreter.command(micropython_path()), "-c", script],
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise VirtualBadgeError(f"The simulator's tables cannot be read: {done.stderr.strip()}")
    told = json.loads(done.stdout)
    return Tables(
        tuple((name, whose, _options(rows)) for name, whose, rows in told["options"]),
        _verbs(told["verbs"]),
        _verbs(told["modem_verbs"]),
        _options(told["when"]),
    )


def _options(rows: list[list[str]]) -> tuple[Option, ...]:
    return tuple(Option(*row) for row in rows)


def _verbs(rows: list[tuple[str, list[list[str]], str]]) -> tuple[Verb, ...]:
    return tuple(Verb(name, _options(arguments), meaning) for name, arguments, meaning in rows)
