"""The tables that hold nothing of people, beside those of privacy/held.py that do."""

from collections.abc import Mapping
from typing import Final

# Of tables without people: what they hold.
WITHOUT_PEOPLE: Final[Mapping[str, str]] = {
    "alembic_version": "the version of the database",
    "alive": "when the receiver was alive",
    "arc": "alarm centres",
    "arc_account": "sequence numbers of accounts at an alarm centre",
    "arc_badge": "which badge is handed over to which centre",
    "audit_anchor": "signed heads of the audit",
    "fleet_step": "how far a badge is with a job",
    "forgotten": "numbers of alarms of a badge that were removed",
    "held": "badges that flood",
    "listener": "who listens to events",
    "numbered": "the highest number that a badge was told",
    "plan": "plans, of badges",
    "plan_badge": "which badges a plan is for",
    "plan_look": "what is wrong with plans; looked over anew at each change",
    "room_tag": "which tag hangs in which room",
    "retention_term": "how long each kind of data is kept",
    "secret": "secrets of the receivers",
    "site_picture": "floor plans",
    "sms_number": "numbers of the SIMs in badges",
    "sms_service": "who brings text messages",
    "watch": "whether a badge is on shift, and its last time without a network",
    "webhook": "addresses of other programs",
}
# These have none of their own rows about a person, but columns of NAMING or TEXTS.
NAMING_ONLY: Final = frozenset(
    {"consent", "fleet_job", "location_consent", "lone_task", "measure", "site", "team"}
)
