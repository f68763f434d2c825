"""The works council's consent: the newest counts, and it was given before it is noted."""

import datetime as dt

import pytest

from nabij.centre.people import consent
from nabij.centre.store import Store
from nabij.errors import UsageError

NOW_MS = 1_790_000_000_000
DAY = dt.date(2026, 9, 1)


def test_the_newest_consent_counts(store: Store) -> None:
    assert store.read(consent.newest) is None
    store.write(lambda one: consent.note(one, DAY, "OR-12", NOW_MS, "smit"))
    store.write(lambda one: consent.note(one, DAY, " OR-13 ", NOW_MS, "smit"))
    found = store.read(consent.newest)
    assert found == consent.Consent(DAY, "OR-13", NOW_MS, "smit")


@pytest.mark.parametrize(
    ("day", "reference", "words"), [(DAY, " ", "reference"), (dt.date(2027, 1, 1), "x", "to come")]
)
def test_a_consent_has_a_reference_and_a_day_that_was(
    store: Store, day: dt.date, reference: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        store.write(lambda one: consent.note(one, day, reference, NOW_MS, "smit"))
    assert store.read(consent.newest) is None
