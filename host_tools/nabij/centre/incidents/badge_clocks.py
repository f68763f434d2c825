"""Badges whose clock disagrees with this machine's: told, and never believed.

It works inside the transaction of its caller.
"""

from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.words import clock_words

# Beyond what a network's time, a slow crystal and a second each way come to.
MOST_OFF_S: Final = 120
_NAMED: Final = 5


def off_s(message: wire.AlarmMessage, arrived_ms: int) -> int | None:
    """Seconds by which the badge's clock is ahead (behind: below 0); None for one that agrees.

    An alarm whose age is a lower bound may be older than it says, and only shows a clock ahead.
    """
    if message.utc_s is None:
        return None
    ahead_s = int(message.utc_s) - (arrived_ms - int(message.age_ms)) // 1000
    if message.flags & wire.FLAG_AGE_AT_LEAST and ahead_s < 0:
        return None
    return ahead_s if abs(ahead_s) > MOST_OFF_S else None


def sentence(connection: sa.Connection) -> str:
    """Which badges were off in the newest that came of them, tests included; empty for none."""
    table = schema.incident
    ever_off = sa.select(table.c.badge).where(table.c.clock_off_s.is_not(None))
    newest = (
        sa.select(sa.func.max(table.c.id))
        .where(table.c.badge.in_(ever_off), table.c.boot != OWN_BOOT)
        .group_by(table.c.badge)
    )
    statement = (
        sa.select(table.c.badge, table.c.clock_off_s)
        .join(schema.badge, schema.badge.c.badge == table.c.badge)
        .where(
            table.c.id.in_(newest),
            table.c.clock_off_s.is_not(None),
            schema.badge.c.revoked_ms.is_(None),
        )
        .order_by(table.c.badge)
    )
    found = connection.execute(statement).all()
    if not found:
        return ""
    named = [f"{row.badge} {clock_words(row.clock_off_s)}" for row in found[:_NAMED]]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        f"The clock of {len(found)} badge{'' if len(found) == 1 else 's'} disagrees with this "
        f"machine's ({', '.join(named)}{more}): see that this machine's is right; alarms are "
        "dated by it, but a badge that is off asks for check-ins at the wrong hours."
    )
