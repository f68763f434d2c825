"""End a badge's access: its certificate and its messages are refused from then on."""

import json
import time
from pathlib import Path

from nabij.carried import PREFIX
from nabij.centre import beside
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.register.enrol import check_badge_id, enrolment_turn, take_in
from nabij.centre.store import Store
from nabij.errors import UsageError
from nabij.paths import PRIVATE, StatePaths, write_file


def revoke(state: Path, badge: str) -> None:
    """Have the receiver refuse the badge; a running one does so within a second.

    UsageError when no badge of that id is in use. `nabij provision` or `nabij enrol` under the
    same id makes a new key and certificate; the old ones stay refused.
    """
    check_badge_id(badge.removeprefix(PREFIX))
    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise UsageError(f"There is no receiver in {state}: give its --state folder.")
    with enrolment_turn(paths):
        try:
            store = Store(paths, use=Use.PASSING)
        except LockedError:
            _leave_for_the_receiver(paths, badge)
            return
        try:
            take_in(paths, store)
            if not store.revoke(badge, _now_ms()):
                raise _not_in_use(badge)
        finally:
            store.close()


def take_in_revocations(paths: StatePaths, store: Store) -> list[str]:
    """Take the waiting revocations into the database; the ids of the badges revoked.

    Called after the waiting enrolments are taken in.
    """
    revoked = []
    for file in sorted(paths.enrolments.glob("*.revoked")):
        if store.revoke(file.stem, _now_ms()):
            revoked.append(file.stem)
        file.unlink(missing_ok=True)
    return revoked


def _leave_for_the_receiver(paths: StatePaths, badge: str) -> None:
    waiting = (paths.enrolments / f"{badge}.json").exists()
    if not waiting and badge not in beside.badge_ids(paths):
        raise _not_in_use(badge)
    write_file(paths.revocation(badge), json.dumps({"badge": badge}).encode(), PRIVATE)


def _not_in_use(badge: str) -> UsageError:
    return UsageError(
        f"No badge {badge} is in use here: check the id; it may have been revoked before."
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
