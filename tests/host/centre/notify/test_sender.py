"""One attempt at a channel: taken, refused, or ended in time; and what it says holds no secret."""

import asyncio
import time

import pytest

from nabij.centre.notify.attempt import can_use, without_secrets
from nabij.centre.notify.sender import MOST_OF_ONE, Message, Outcome, Sender
from tests.host.centre.escalation.rig import Mail, Webhook, silent_port
from tests.waiting import LONG_S


def attempts(*urls: str, timeout_s: float = LONG_S) -> list[Outcome]:
    """One after the other."""

    async def run() -> list[Outcome]:
        sender = Sender(timeout_s)
        try:
            return [await sender.attempt(Message(url, "SOS: A. de Vries", "Text")) for url in urls]
        finally:
            await sender.stop()

    return asyncio.run(run())


def test_mail_and_webhook_are_taken_and_refusals_say_why_without_the_address() -> None:
    mail, hook, broken = Mail(), Webhook(), Webhook(status=500)
    try:
        secret = broken.url("token-of-nobody")
        sent, hooked, refused, unknown = attempts(
            mail.url, hook.url("x"), secret, "nonsense://secretword"
        )
    finally:
        for server in (mail, hook, broken):
            server.close()
    assert (sent.is_sent, hooked.is_sent) == (True, True)
    assert b"SOS: A. de Vries" in mail.got[0]
    assert hook.got[0]["message"] == "Text"
    assert (refused.is_sent, unknown.is_sent) == (False, False)
    assert "500" in refused.said
    assert "token-of-nobody" not in refused.said
    assert "secretword" not in unknown.said


def test_what_hangs_ends_in_time_and_is_killed() -> None:
    with silent_port() as port:
        began_s = time.monotonic()
        [hangs] = attempts(f"json://127.0.0.1:{port}/x", timeout_s=1)
        assert time.monotonic() - began_s < LONG_S
    assert hangs == Outcome(is_sent=False, said="no answer within 1 s")


def test_one_address_has_not_all_turns() -> None:
    async def run() -> None:
        sender = Sender(timeout_s=0.2)
        with silent_port() as port:
            url = f"json://127.0.0.1:{port}/x"
            tasks = [
                asyncio.create_task(sender.attempt(Message(url, "", "")))
                for _ in range(MOST_OF_ONE)
            ]
            await asyncio.sleep(0)
            assert not sender.has_room(url)
            assert sender.has_room("json://127.0.0.1:1/x")
            await asyncio.gather(*tasks)
        assert sender.has_room(url)
        await sender.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "is_good"),
    [("json://h/x", True), ("mailtos://a:b@c.org", True), ("nonsense://x", False), ("", False)],
)
def test_an_address_that_no_service_has_is_known(url: str, is_good: bool) -> None:
    assert can_use(url) is is_good


def test_no_part_of_an_address_is_told() -> None:
    said = without_secrets(
        "Failed for smit at mail.example.org with hunter22.",
        "mailtos://smit:hunter22@mail.example.org?to=x@y",
    )
    assert said == "Failed for (left out) at (left out) with (left out)."
    # Said as it is meant, not as an address has to spell it.
    assert "p@ss" not in without_secrets("p@ss was refused", "json://x:p%40ss@example.org")
