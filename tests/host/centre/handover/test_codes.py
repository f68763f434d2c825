"""The codes that are sent unless a centre wants others are known to both who read them for us."""

from __future__ import annotations

import pytest
from pysiaalarm.data.adm_mapping import ADM_MAPPING
from pysiaalarm.data.sia_codes import SIA_CODES
from siadc09 import dc03, dc05

from badge.core.alarm import kinds
from nabij.centre.handover import codes
from nabij.centre.incidents.words import OWN
from nabij.errors import UsageError


@pytest.mark.parametrize(("name", "code"), codes.DEFAULTS.items(), ids=codes.DEFAULTS)
def test_each_default_is_an_event_at_two_centres(name: str, code: codes.Code) -> None:
    for sia in (code.sia, code.restore):
        assert sia in SIA_CODES, name
        assert sia in dc03.EVENT, name
    assert ADM_MAPPING[str(code.cid)]["1"] != "YN", name
    assert str(code.cid) in {str(key) for key in dc05.EVENT}, name


def test_each_kind_has_a_code_and_one_of_a_later_release_too() -> None:
    known = {kind.name for kind in kinds.TABLE} | set(OWN.values())
    assert known <= codes.DEFAULTS.keys()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("sos", "h", "HH", 122), "two capitals"),
        (("sos", "HA", "HH", 12), "three digits"),
        (("fire", "FA", "FH", 110), "There is no event fire"),
    ],
)
def test_a_code_that_no_centre_reads_is_a_sentence(
    given: tuple[str, str, str, int], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        codes.checked(*given)
