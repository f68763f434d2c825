"""A webhook is made with a secret of its own, for an address that keeps what it is told."""

from __future__ import annotations

import pytest

from nabij.centre.webhooks import hooks
from nabij.errors import UsageError
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World

pytestmark = pytest.mark.usefixtures("each_engine")


@on_sqlite
@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org:port/",
        "https://example.org/a b",
        "https://exa\nmple.org/",
        "javascript:alert(1)",
        "https://example.org/" + "x" * 1000,
    ],
)
def test_an_address_that_others_can_read_or_that_is_none_is_refused(
    world: World, url: str
) -> None:
    with pytest.raises(UsageError):
        world.store.write(lambda one: hooks.add(one, "ward", url))
    assert world.store.read(hooks.all_of) == []


def test_secrets_differ_and_neither_they_nor_addresses_are_told_by_accident(world: World) -> None:
    made = [
        world.store.write(lambda one, n=n: hooks.add(one, f"h{n}", "https://x.example/of-theirs"))  # type: ignore[misc]
        for n in range(hooks.MOST)
    ]
    assert len({hooks.shown_secret(one) for one in made}) == hooks.MOST
    for one in made:
        assert "of-theirs" not in repr(one) + one.host
        assert repr(one.secret) not in repr(one)
    with pytest.raises(UsageError, match="remove one first"):
        world.store.write(lambda one: hooks.add(one, "more", "https://x.example/"))
    world.store.write(lambda one: hooks.remove(one, made[0].id))
    with pytest.raises(UsageError, match="another name"):
        world.store.write(lambda one: hooks.add(one, "h3", "https://x.example/"))
    for gone in (made[0].id, 999):
        with pytest.raises(UsageError, match="no webhook"):
            world.store.write(lambda one, gone=gone: hooks.disable(one, gone, disabled=True))  # type: ignore[misc]
