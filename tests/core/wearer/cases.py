"""All that a gesture can be and be about."""

from collections.abc import Iterator

from badge.core.wearer.gesture_map import CONTEXTS
from badge.core.wearer.gestures import LEFT, RIGHT, SHAPES, SOS_GESTURES


def every_case() -> Iterator[tuple[str, str, str, int]]:
    """Yield (SOS gesture, context, shape, button) for all there is to give a meaning to."""
    for sos_gesture in SOS_GESTURES:
        for context in CONTEXTS:
            for shape in SHAPES:
                for button in (LEFT, RIGHT):
                    yield sos_gesture, context, shape, button
