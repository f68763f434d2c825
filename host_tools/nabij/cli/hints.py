"""What people type by habit, from other tools or older versions, and what to type instead."""

from collections.abc import Sequence
from typing import Any, Final

from nabij.cli.options import RENAMED
from nabij.errors import UsageError

_HELP: Final = "help"
# As esptool, mpremote and the like have it; here --port is the receiver's.
_PORTS: Final = ("--port", "-p")
_A_BADGE: Final = "BADGE"


def refuse_habits(words: Sequence[str], command: Any) -> None:
    """UsageError with what to type in place of `words`, the first of which named `command`."""
    for (verb, old), new in RENAMED.items():
        size = len(verb.split())
        typed = [word.partition("=")[0] for word in words[size:]]
        if list(words[:size]) == verb.split() and old in typed:
            raise UsageError(f"The option {old} of `nabij {verb}` is now called {new}.")
    size = 1
    while size < len(words) and words[size] in getattr(command, "commands", {}):
        command = command.commands[words[size]]
        size += 1
    verb = " ".join(words[:size])
    # `nabij incident help` is a verb: help is coming.
    if words[size : size + 1] == [_HELP] and _HELP not in getattr(command, "commands", [_HELP]):
        raise UsageError(f"Help is an option: `nabij {verb} --help`.")
    options = [word.partition("=")[0] for word in words[size:]]
    typed = [one for one in _PORTS if one in options]
    if typed and _takes_a_badge_without_port(command):
        raise UsageError(
            f"`nabij {verb}` takes a badge without {typed[0]}: `nabij {verb} /dev/ttyACM0`, or "
            "id:<serial>, as `nabij devices` lists them."
        )


def refuse_help(words: Sequence[str]) -> None:
    """UsageError for `help` as a verb, with the option that it is."""
    if words[:1] == [_HELP]:
        verb = " ".join(word for word in words[1:3] if not word.startswith("-"))
        raise UsageError(f"Help is an option: `nabij {f'{verb} ' if verb else ''}--help`.")


def _takes_a_badge_without_port(command: Any) -> bool:
    params = getattr(command, "params", [])
    known = {name for one in params for name in one.opts}
    return not known.intersection(_PORTS) and any(
        _A_BADGE in (one.metavar or "") for one in params
    )
