"""A new certificate for the key that a badge has: tried for a session, then kept."""

import base64
from dataclasses import dataclass
from typing import Final

from nabij.acts.act import Act, Request

WHY_BACK: Final = {
    "link": "it was not let in with it",
    "alarm": "an alarm came while it had no session",
    "unconfirmed": "it was not confirmed in time",
    "crash": "a part of the firmware failed with it",
}


@dataclass(frozen=True)
class Renewing:
    """The certificate in force (DER), and how it goes with another."""

    certificate: bytes
    is_on_trial: bool
    # It has a session that shows the one on trial.
    is_used: bool
    # Why it dropped the last one, "" when it did not, or has started anew since.
    why_back: str


def look() -> Act[Renewing]:
    """How a badge stands."""
    answer = yield Request("renew.status")
    return Renewing(
        certificate=base64.b64decode(answer["certificate"], validate=True),
        is_on_trial=bool(answer["trial"]),
        is_used=bool(answer["used"]),
        why_back=str(answer["back"]),
    )


def begin(certificate: bytes) -> Act[None]:
    """Have the badge open its next session with this one (DER)."""
    yield Request("renew.try", data=certificate)


def keep() -> Act[None]:
    """Put what is on trial in force."""
    yield Request("renew.keep")
