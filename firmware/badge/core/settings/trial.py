"""When settings on trial may be confirmed, and when the badge goes back to those before them."""

from badge.core.portable import const

# Long enough for a modem that registers slowly, short enough for an engineer to wait for.
CONFIRM_WITHIN_MS = 180_000
# What crashes because of a setting does so within its first rounds.
_SETTLE_MS = const(10_000)

SETTLING, CRASH, LINK, UNCONFIRMED = "settling", "crash", "link", "unconfirmed"


def why_not_yet(age_ms, crashes, link_expected, link_is_up):
    """Why settings that run for `age_ms` may not be confirmed now, or "" when they may.

    `link_expected`: the badge had its link when they were staged, so that it must come back.
    """
    if crashes:
        return CRASH
    if link_expected and not link_is_up:
        return LINK
    return SETTLING if age_ms < _SETTLE_MS else ""


def why_revert(age_ms, crashes, link_expected, link_is_up, alarms):
    """Why to go back now, or "" to go on; `alarms` are the open ones.

    An alarm that is on its way keeps the badge from restarting; one that is not delivered while
    the link is missing does the opposite: the settings may be what holds it up.
    """
    if crashes:
        return CRASH
    link_missing = link_expected and not link_is_up
    if link_missing and any(alarm.is_late() for alarm in alarms):
        return LINK
    if age_ms < CONFIRM_WITHIN_MS or (alarms and not link_missing):
        return ""
    return LINK if link_missing else UNCONFIRMED
