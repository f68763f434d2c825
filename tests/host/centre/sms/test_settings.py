"""What is set of SMS: kept, checked, in no word of ours."""

import base64

import pytest
import sqlalchemy as sa

from nabij.centre.database import kept_secrets
from nabij.centre.sms import overview, settings
from nabij.centre.store import BadgeRecord
from nabij.errors import UsageError
from tests.host.centre.deadline_world import START_MS, World

URL = "https://sms.example.org/sms/twilio"
SECRET = "0123456789abcdef0123456789abcdef"
SEND = "twilio://SID:TOKEN@+15550000001/{to}"


def keep(
    world: World, name: str = "twilio", secret: str = SECRET, send: str | None = SEND
) -> None:
    world.store.write(lambda one: settings.keep_service(one, name, URL, secret, send))


def test_a_service_is_kept_changed_and_removed_with_its_secrets(world: World) -> None:
    keep(world)
    kept = world.store.read(settings.read).services["twilio"]
    assert (kept.url, kept.secret, kept.send) == (URL, SECRET.encode(), SEND)
    keep(world, secret=SECRET[::-1], send=None)
    kept = world.store.read(settings.read).services["twilio"]
    assert (kept.secret, kept.send) == (SECRET[::-1].encode(), None)
    world.store.write(lambda one: settings.drop_service(one, "twilio"))
    assert world.store.read(settings.read).services == {}
    names = sa.select(kept_secrets.secret.c.name)
    assert not [
        one for one in world.store.read(lambda c: c.execute(names).scalars().all()) if "sms" in one
    ]
    with pytest.raises(UsageError, match="No service twilio"):
        world.store.write(lambda one: settings.drop_service(one, "twilio"))


def test_no_secret_is_in_what_is_shown(world: World) -> None:
    keep(world)
    world.store.write(lambda one: settings.keep_pin(one, "4711"))
    kept = world.store.read(settings.read)
    shown = world.store.read(lambda one: overview.read(one, START_MS))
    said = f"{kept} {kept.services} {shown} {shown.fields()} {shown.lines()}"
    for secret in (SECRET, "TOKEN", "4711"):
        assert secret not in said
    assert shown.has_pin
    assert shown.services == {"twilio": {"url": URL, "sends": True}}


@pytest.mark.parametrize(
    ("name", "url", "secret", "send", "words"),
    [
        ("nexmo", URL, SECRET, None, "no service here: give twilio"),
        ("twilio", "sms.example.org", SECRET, None, "Give the address"),
        ("twilio", URL + "#rc=3", SECRET, None, "without what follows a #"),
        ("twilio", "https://[", SECRET, None, "Give the address"),
        ("twilio", URL, "short", None, "can be guessed"),
        ("twilio", URL, SECRET, "twilio://a:b@c/+31600000000", "has no {to}"),
        ("telnyx", URL, SECRET, None, "no public key of Telnyx"),
        ("telnyx", URL, "no base64!", None, "no public key of Telnyx"),
        ("standard", URL, "whsec_ab*", None, "no base64"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_without_the_secret(
    name: str, url: str, secret: str, send: str | None, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        settings.check_service(name, url, secret, send)
    assert words in caught.value.sentence
    assert secret not in caught.value.sentence


def test_secrets_of_the_right_form_are_taken() -> None:
    settings.check_service("telnyx", URL, base64.b64encode(bytes(32)).decode(), None)
    settings.check_service("standard", URL, f"whsec_{base64.b64encode(bytes(24)).decode()}", None)


def test_the_number_of_a_badge_is_of_one_badge_in_use(world: World) -> None:
    def number(badge: str, given: str | None) -> None:
        world.store.write(lambda one: settings.keep_number(one, badge, given))

    world.store.enrol(BadgeRecord("bert", bytes(32), "CN=bert", "", 0))
    world.store.enrol(BadgeRecord("gw_hall", bytes(32), "CN=gw_hall", "", 0))
    number("anna", "+31612345678")
    with pytest.raises(UsageError, match="is the number of badge anna"):
        number("bert", "+31612345678")
    for nobody in ("carl", "gw_hall"):
        with pytest.raises(UsageError, match="is enrolled"):
            number(nobody, "+31612345679")
    for wrong in (
        "0612345678",
        "+0612345678",
        "+31 6 12345678",
        "+316123456789012345",
        "",
        "+31x",
    ):
        with pytest.raises(UsageError, match="no telephone number"):
            number("anna", wrong)
    assert world.store.read(settings.numbers) == {"anna": "+31612345678"}
    world.store.revoke("anna", START_MS)
    assert world.store.read(lambda one: settings.number_of(one, "anna")) is None


def test_a_pin_has_digits_alone(world: World) -> None:
    for wrong in ("123", "123456789", "12a4", '1234"'):
        with pytest.raises(UsageError, match="4 to 8 digits"):
            world.store.write(lambda one, pin=wrong: settings.keep_pin(one, pin))  # type: ignore[misc]
    world.store.write(lambda one: settings.keep_pin(one, "0000"))
    assert world.store.read(settings.read).pin == "0000"
    world.store.write(lambda one: settings.keep_pin(one, None))
    assert world.store.read(settings.read).pin is None
