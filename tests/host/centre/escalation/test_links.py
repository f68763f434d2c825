"""Links by which somebody answers: ours, unchanged, and for a time."""

import pytest

from nabij.centre.escalation import links
from nabij.centre.escalation.links import LASTS_MS, Link, LinkError
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import START_MS, World

SECRET = bytes(range(32))
LINK = Link(0x2A, START_MS + LASTS_MS)


def test_a_link_is_read_back_until_it_ends() -> None:
    token = links.sign(SECRET, LINK)
    assert links.read(SECRET, token, START_MS) == LINK
    assert links.read(SECRET, token, LINK.until_ms - 1) == LINK
    with pytest.raises(LinkError, match="has ended: call the alarm centre"):
        links.read(SECRET, token, LINK.until_ms)


def test_every_character_of_it_counts() -> None:
    token = links.sign(SECRET, LINK)
    for at, char in enumerate(token):
        other = "B" if char == "A" else "A"
        with pytest.raises(LinkError, match="not one of this receiver"):
            links.read(SECRET, token[:at] + other + token[at + 1 :], START_MS)


@pytest.mark.parametrize("token", ["", "-", "--", "a-b", "1-2-", "é-1-x", "1-2-" + "x" * 500])
def test_rubbish_is_one_sentence(token: str) -> None:
    with pytest.raises(LinkError, match="not one of this receiver"):
        links.read(SECRET, token, START_MS)


def test_another_receivers_link_is_not_ours() -> None:
    with pytest.raises(LinkError, match="not one of this receiver"):
        links.read(bytes(32), links.sign(SECRET, LINK), START_MS)


def test_the_longest_that_there_can_be_is_read() -> None:
    longest = Link(2**63 - 1, 2**63 - 1)
    assert links.read(SECRET, links.sign(SECRET, longest), START_MS) == longest


def test_what_signed_links_in_an_older_release_signs_them_still(world: World) -> None:
    paths = StatePaths(world.folder)
    links.adopt(paths, world.store)
    paths.answer_key.write_bytes(SECRET)
    links.adopt(paths, world.store)
    assert world.store.write(links.secret_of) == SECRET
    assert not paths.answer_key.exists()


def test_a_damaged_one_is_a_sentence_that_says_what_to_do(world: World) -> None:
    paths = StatePaths(world.folder)
    paths.answer_key.write_bytes(b"short")
    with pytest.raises(NabijError, match="is damaged: remove it"):
        links.adopt(paths, world.store)


def test_links_last_for_half_a_day() -> None:
    assert LASTS_MS == 12 * 60 * 60 * 1000
