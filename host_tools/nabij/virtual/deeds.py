"""What a person does to a virtual badge by a word: verbs of the simulator, each with a pause."""

from typing import Any, Final

# A verb, and the seconds until the next.
Step = tuple[dict[str, Any], float]
# Presses with a shorter pause between them are one gesture.
_BETWEEN_GESTURES_S: Final = 0.8
SQUEEZE_MS: Final = 1700
_OUT_OF_REACH_MS: Final = 120_000


def press(button: str, ms: int, pause_s: float = _BETWEEN_GESTURES_S) -> Step:
    """A button, or both, held for so long."""
    return {"do": "press", "button": button, "ms": ms}, ms / 1000 + pause_s


WORDS: Final[dict[str, list[Step]]] = {
    "": [press("both", SQUEEZE_MS)],
    "tap": [press("left", 150)],
    "tap right": [press("right", 150)],
    "cancel": [press("left", 150, 0.25), press("left", 150)],
    "duress": [press("right", 150, 0.25), press("right", 150)],
    "hold": [press("left", 3000)],
    "tear": [({"do": "rip_open"}, 0.0)],
    "mend": [({"do": "rip_close"}, 0.0)],
    "plug": [({"do": "charger", "on": True}, 0.0)],
    "unplug": [({"do": "charger", "on": False}, 0.0)],
    "cover": [({"do": "modem", "what": "deny", "for_ms": _OUT_OF_REACH_MS}, 0.0)],
}


def battery(percent: int) -> list[Step]:
    """So much is left."""
    return [({"do": "battery", "percent": percent}, 0.0)]
