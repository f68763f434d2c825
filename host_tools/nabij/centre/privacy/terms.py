"""How long each kind of personal data is kept, and why: the employer's to change, with a reason.

Each function works inside the transaction of its caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.privacy_tables import LOCATION, retention_term
from nabij.centre.database.statements import upsert
from nabij.centre.location import consent
from nabij.errors import UsageError

MOST_DAYS: Final = 36_500
_LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class Kind:
    """`days` is what holds unless the employer says otherwise; (Dutch, English) words."""

    name: str
    days: int
    fewest: int
    what: tuple[str, str]
    reason: tuple[str, str]


@dataclass(frozen=True)
class Term:
    """What holds; `reason` is the employer's, empty for the default and its own."""

    kind: Kind
    days: int
    reason: str = ""
    set_by: str = ""

    @property
    def is_default(self) -> bool:
        """Whether nobody has said anything else."""
        return self.days == self.kind.days and not self.reason


KINDS: Final[Mapping[str, Kind]] = {
    one.name: one
    for one in (
        Kind(
            "incident",
            730,
            35,
            (
                "naam, plaats, beweging en notities bij een incident, na het incident",
                "name, place, motion and notes of an incident, after it",
            ),
            (
                (
                    "nazorg, aansprakelijkheid en leren van incidenten; een meldingsplichtig "
                    "ongeval kan langer vragen (Arbowet 9)"
                ),
                (
                    "aftercare, liability and learning from incidents; an accident that must be "
                    "reported may want longer (Arbowet 9)"
                ),
            ),
        ),
        Kind(
            "shift",
            730,
            28,
            ("geplande diensten, na afloop", "planned shifts, after their end"),
            (
                "de RI&E en haar plan van aanpak gaan over het vorige jaar",
                "the risk assessment and its plan tell of the year before",
            ),
        ),
        Kind(
            "permit",
            730,
            1,
            (
                "opleiding, toestemming en geschiktheid, na hun einde",
                "training, permission and fitness, after their end",
            ),
            (
                "aantonen dat iemand toen alleen mocht werken",
                "to show that somebody was allowed to work alone then",
            ),
        ),
        Kind(
            "badge_use",
            730,
            35,
            ("wie welke badge droeg, na inlevering", "who wore which badge, after its return"),
            (
                "zonder dit is niet te zeggen over wie een incident ging",
                "without it nobody can say whom an incident was about",
            ),
        ),
        Kind(
            "person",
            730,
            1,
            ("gegevens van wie vertrokken is", "what is held of those who left"),
            (
                "zo lang als er een incident van hen kan zijn",
                "as long as there may be an incident of theirs",
            ),
        ),
        Kind(
            "access_log",
            365,
            28,
            ("wie wat deed en naar wie keek", "who did what, and who looked at whom"),
            (
                "wie bekeken is kan het een jaar lang zien; de keten van hashes blijft",
                "who was looked at can see it for a year; the chain of hashes stays",
            ),
        ),
        Kind(
            "call",
            365,
            28,
            ("wie voor een alarm gebeld is", "who was called for an alarm"),
            ("oefeningen en wachttijden vergelijken", "to compare drills and waiting times"),
        ),
        Kind(
            LOCATION,
            0,
            0,
            (
                "waar iemand is zonder dat er een alarm is (0: wordt niet bijgehouden)",
                "where somebody is while there is no alarm (0: it is not kept)",
            ),
            (
                (
                    "niet nodig om hulp te sturen; alleen met instemming van de ondernemingsraad "
                    "(WOR 27 lid 1 k en l)"
                ),
                (
                    "not needed to send help; only with the works council's consent "
                    "(WOR 27, 1 k and l)"
                ),
            ),
        ),
    )
}


def all_of(connection: sa.Connection) -> dict[str, Term]:
    """What holds now, by kind."""
    found = {name: Term(kind, kind.days) for name, kind in KINDS.items()}
    for row in connection.execute(sa.select(retention_term)):
        if row.kind in KINDS:
            found[row.kind] = Term(KINDS[row.kind], row.days, row.reason, row.set_by)
    return found


def check(connection: sa.Connection, name: str, days: int, reason: str) -> None:
    """UsageError for a term that cannot be; changes nothing."""
    kind = KINDS.get(name)
    if kind is None:
        raise UsageError(f"There is no kind '{name[:40]}': name one of {', '.join(KINDS)}.")
    if not kind.fewest <= days <= MOST_DAYS:
        raise UsageError(f"Keep {name} for {kind.fewest} to {MOST_DAYS} days.")
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise UsageError(
            f"Give the reason in 1 to {_LONGEST_REASON} characters: a term needs one."
        )
    if name == LOCATION and days and consent.newest(connection) is None:
        raise UsageError(
            "Location outside alarms stays off: no consent of the works council to it is on "
            "record; note it with `nabij location consent` first."
        )


def keep(
    connection: sa.Connection, name: str, days: int, reason: str, *, by: str, now_ms: int
) -> None:
    """From now on that kind is kept so long; UsageError as of `check`."""
    check(connection, name, days, reason)
    values = {"days": days, "reason": " ".join(reason.split()), "set_by": by, "set_ms": now_ms}
    connection.execute(upsert(retention_term, {"kind": name}, values))
