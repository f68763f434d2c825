"""Passkeys: made by whoever is logged in, and good for a log-in without password and code.

A key belongs to the name by which the console is reached, so there are none where that is an
address. It asks its owner to show that it is them, so it is both factors.
"""

import ipaddress
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import sqlalchemy as sa
import webauthn
from starlette.requests import Request
from starlette.responses import Response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from nabij.centre.console.asking import Visitor
from nabij.centre.console.guard import cookie
from nabij.centre.console.passwords import Passwords
from nabij.centre.console.throttle import Throttle
from nabij.centre.console.visitors import Visitors
from nabij.centre.people import accounts, audit, passkeys, sessions
from nabij.centre.people.accounts import Account
from nabij.centre.people.passkeys import Passkey
from nabij.centre.worker import Worker
from nabij.errors import UsageError

MAKE: Final = "make"
USE: Final = "use"
_KEY: Final = "passkey"
_WRONG: Final = "This passkey opens nothing here: log in with the password."
_OVER: Final = "That took too long: try again."


class WrongPasskeyError(UsageError):
    """Nobody is let in by it."""


@dataclass(frozen=True)
class PasskeyEntry:
    """What the buttons of log-in and account lead to."""

    visitors: Visitors
    passwords: Passwords
    throttle: Throttle
    checks: Worker
    used: dict[str, float] = field(default_factory=dict)

    async def passkeys_of_account(self, _request: Request, visitor: Visitor | None) -> Response:
        """One's own passkeys."""
        account = _account(visitor)
        found = await self.visitors.change(lambda one: passkeys.of_account(one, account.id))
        keys = [{"id": one.id, "name": one.name, "made_ms": one.made_ms} for one in found]
        return _json({"passkeys": keys})

    async def begin_passkey(self, request: Request, visitor: Visitor | None) -> Response:
        """What a browser needs to make a key."""
        account = _account(visitor)
        there = await self.visitors.change(lambda one: passkeys.of_account(one, account.id))
        text = passkeys.challenge(await self.visitors.secret(), MAKE, int(time.time()))
        options = webauthn.generate_registration_options(
            rp_id=_host(request),
            rp_name="Nabij",
            user_name=account.login,
            user_id=f"nabij {account.id}".encode(),
            user_display_name=account.name,
            challenge=text.encode(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=one.credential) for one in there
            ],
        )
        return Response(webauthn.options_to_json(options), media_type="application/json")

    async def keep_passkey(self, request: Request, visitor: Visitor | None) -> Response:
        """Keep the key that the browser made."""
        account, given = _account(visitor), _decoded(request)
        credential, name = given.get("credential"), str(given.get("name", ""))
        try:
            text = await self._challenge(credential, MAKE)
        except WrongPasskeyError as error:
            # Nobody is kept out by it: who asks is logged in.
            raise UsageError(error.sentence) from error
        try:
            made = await self.checks.run(
                lambda: webauthn.verify_registration_response(
                    credential=credential or {},
                    expected_challenge=text.encode(),
                    expected_rp_id=_host(request),
                    expected_origin=_origin(request),
                    require_user_verification=True,
                )
            )
        except WebAuthnException as error:
            raise UsageError(
                "The browser made no passkey that is good here: try again."
            ) from error
        kept = Passkey(
            id=0,
            account_id=account.id,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            host=_host(request),
            name=name,
            made_ms=_now_ms(),
        )

        def keep(connection: sa.Connection) -> None:
            passkeys.add(connection, kept)
            _note(connection, account, "added a passkey")

        await self.visitors.change(keep)
        self.used[text] = time.monotonic()
        return _json({"done": True})

    async def remove_passkey(self, request: Request, visitor: Visitor | None) -> Response:
        """One of one's own opens the account no more."""
        account, asked = _account(visitor), str(request.path_params["passkey"])
        passkey_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0

        def remove(connection: sa.Connection) -> None:
            passkeys.remove(connection, account.id, passkey_id)
            _note(connection, account, "removed a passkey")

        await self.visitors.change(remove)
        return _json({"done": True})

    async def ask_passkey(self, request: Request, _visitor: Visitor | None) -> Response:
        """What a browser needs to have a key sign; asks no database."""
        text = passkeys.challenge(await self.visitors.secret(), USE, int(time.time()))
        options = webauthn.generate_authentication_options(
            rp_id=_host(request),
            challenge=text.encode(),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return Response(webauthn.options_to_json(options), media_type="application/json")

    async def log_in_by_passkey(self, request: Request, _visitor: Visitor | None) -> Response:
        """A session for who has the key of an account."""
        address = "" if request.client is None else request.client.host
        wait_s = self.throttle.wait_s(address, _KEY, time.monotonic())
        if wait_s > 0:
            raise WrongPasskeyError(f"Too many failures: try again in {wait_s:.0f} s.")
        credential = _decoded(request).get("credential")
        with self.passwords.place():
            try:
                token = await self._begun(request, credential)
            except WrongPasskeyError:
                self.throttle.failed(address, _KEY, time.monotonic())
                raise
        self.throttle.succeeded(address, _KEY)
        response = _json({"done": True})
        response.headers["set-cookie"] = cookie(token)
        return response

    async def _begun(self, request: Request, credential: Any) -> str:
        text = await self._challenge(credential, USE)
        try:
            key_id = base64url_to_bytes(str(credential["id"]))
        except (ValueError, KeyError, TypeError) as error:
            raise WrongPasskeyError(_WRONG) from error
        known = await self.visitors.change(lambda one: passkeys.by_credential(one, key_id))
        if known is None or known.host != _host(request):
            raise WrongPasskeyError(_WRONG)
        try:
            found = await self.checks.run(
                lambda: webauthn.verify_authentication_response(
                    credential=credential,
                    expected_challenge=text.encode(),
                    expected_rp_id=known.host,
                    expected_origin=_origin(request),
                    credential_public_key=known.public_key,
                    credential_current_sign_count=known.sign_count,
                    require_user_verification=True,
                )
            )
        except WebAuthnException as error:
            raise WrongPasskeyError(_WRONG) from error
        if text in self.used:
            raise WrongPasskeyError(_OVER)
        self.used[text] = time.monotonic()

        def begin(connection: sa.Connection) -> str | None:
            account = accounts.by_id(connection, known.account_id)
            if account is None or not account.is_open:
                return None
            if not passkeys.used(connection, known.id, known.sign_count, found.new_sign_count):
                return None
            _note(connection, account, "logged in by a passkey")
            return sessions.begin(connection, account.id, _now_ms())

        token = await self.visitors.change(begin)
        if token is None:
            raise WrongPasskeyError(_WRONG)
        return token

    async def _challenge(self, credential: Any, what: str) -> str:
        """The challenge that was signed, if we made it for that and it was not used."""
        old_s = time.monotonic() - passkeys.LASTS_S
        for text in [one for one, at_s in self.used.items() if at_s < old_s]:
            del self.used[text]
        try:
            signed = base64url_to_bytes(str(credential["response"]["clientDataJSON"]))
            text = base64url_to_bytes(str(json.loads(signed)["challenge"])).decode("ascii")
        except (ValueError, KeyError, TypeError) as error:
            raise WrongPasskeyError(_WRONG) from error
        secret = await self.visitors.secret()
        if text in self.used or not passkeys.is_challenge(secret, what, text, int(time.time())):
            raise WrongPasskeyError(_OVER)
        return text


def _account(visitor: Visitor | None) -> Account:
    if visitor is None:
        raise UsageError("Log in first.")
    return visitor.account


def _host(request: Request) -> str:
    """The name by which the console is reached; UsageError for an address, which has no keys."""
    name = str(request.url.hostname or "").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    raise UsageError("Passkeys need a name: open the console by its name, not by its address.")


def _origin(request: Request) -> str:
    return f"https://{request.headers.get('host', '')}"


def _decoded(request: Request) -> dict[str, Any]:
    try:
        return msgspec.json.decode(request.state.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError("That is nothing that a browser says of a passkey.") from error


def _json(content: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


def _note(connection: sa.Connection, account: Account, what: str) -> None:
    audit.add(connection, _now_ms(), account.login, what, person_id=account.person_id)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
