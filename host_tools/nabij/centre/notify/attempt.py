"""Attempts to reach somebody, in a process of their own: whatever hangs in it can be killed.

A line of standard input is one attempt (an address must not be on a command line, which others can
see), and a line of standard output is what became of it. Ends with its input.
"""

import json
import logging
import os
import re
import signal
import sys
from typing import Any, Final
from urllib.parse import unquote

# A part of an address that is shorter than this is no secret worth hiding, as "smtp".
_SHORTEST_SECRET: Final = 4
_LONGEST_SAID: Final = 200


class _Heard(logging.Handler):
    """What apprise complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += record.getMessage().split()


def attempt(url: str, title: str, body: str) -> tuple[bool, str]:
    """Whether the channel took it, and what it said, without what is secret of its address."""
    import apprise  # noqa: PLC0415 - a sixth of a second, in this process alone

    found = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if found is None:
        return False, "no address that apprise knows"
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    try:
        is_sent = bool(found.notify(title=title, body=body))
    finally:
        logger.removeHandler(heard)
    return is_sent, "" if is_sent else without_secrets(" ".join(heard.lines), url)


def can_use(url: str) -> bool:
    """Whether apprise knows that sort of address; nothing is sent."""
    import apprise  # noqa: PLC0415

    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


def without_secrets(said: str, url: str) -> str:
    """What a channel said, shortened, with every part of its address left out."""
    parts = re.split(r"[/:@?&=,]+", url)
    # A channel says them as they are meant, not as an address has to spell them.
    parts += [unquote(one) for one in parts]
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET:
            said = said.replace(part, "(left out)")
    return said[:_LONGEST_SAID] or "refused, and did not say why"


def main() -> None:
    """What Sender starts."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # Whatever a channel prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        # Should nobody be left to kill it.
        signal.alarm(int(asked["timeout_s"]) + 5)
        is_sent, said = attempt(asked["url"], asked["title"], asked["body"])
        signal.alarm(0)
        answers.write(json.dumps({"is_sent": is_sent, "said": said}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
