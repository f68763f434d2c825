"""Logging in and out, invitations and the second factor: plain forms that need no script."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import segno
import sqlalchemy as sa
from pyotp import TOTP, random_base32
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nabij.centre import languages
from nabij.centre.console.asking import Visitor
from nabij.centre.console.forms import Rendered, read_form
from nabij.centre.console.guard import cookie
from nabij.centre.console.passkey_entry import PasskeyEntry
from nabij.centre.console.passwords import BusyError, Passwords
from nabij.centre.console.throttle import Throttle
from nabij.centre.console.visitors import Visitors
from nabij.centre.people import accounts, audit, passkeys, sessions
from nabij.centre.people.accounts import Account
from nabij.centre.people.roles import May
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.errors import UsageError

_STEP_S: Final = 30
# The telephone's clock may be half a minute off.
_AROUND: Final = (0, -1, 1)
_WRONG: Final = "Login, password or code is wrong, or a passkey is needed."


@dataclass(frozen=True)
class Entry:
    """What the forms lead to. `page` makes a page of a template."""

    store: Store
    worker: Worker
    visitors: Visitors
    passwords: Passwords
    throttle: Throttle
    page: Rendered
    passkeys: PasskeyEntry

    async def login_page(self, request: Request, _visitor: Visitor | None) -> Response:
        """The form."""
        return HTMLResponse(self.page(request, "login.html", None))

    async def log_in(self, request: Request, _visitor: Visitor | None) -> Response:
        """A session for who knows the password, and has the second factor where one is set."""
        form = await read_form(request)
        login, address = form.get("login", "").strip().lower()[:64], _address(request)
        wait_s = self.throttle.wait_s(address, login, time.monotonic())
        if wait_s > 0:
            return self._refused(
                request, 429, f"Too many failures: try again in {wait_s:.0f} s.", login
            )
        try:
            with self.passwords.place():
                return await self._tried(request, login, form)
        except BusyError as error:
            return self._refused(request, 503, error.sentence, login)

    async def _tried(self, request: Request, login: str, form: Mapping[str, str]) -> Response:
        address = _address(request)
        account = await self._read(accounts.find, login)
        known = "" if account is None or not account.is_open else account.password_hash
        fits = await self.passwords.fits(known, form.get("password", ""))
        if account is None or not fits:
            return await self._failed(request, login, account)
        token = await self.worker.run(
            lambda: self.store.write(
                lambda connection: _begin(connection, account, form.get("code", ""))
            )
        )
        if token is None:
            return await self._failed(request, login, account)
        self.throttle.succeeded(address, login)
        if self.passwords.is_old(account.password_hash):
            newer = await self.passwords.hash(form["password"])
            await self._write(accounts.rehash, account.id, newer)
        response = RedirectResponse("/", status_code=303)
        response.headers["set-cookie"] = cookie(token)
        return response

    async def log_out(self, _request: Request, visitor: Visitor | None) -> Response:
        """The session ends, here and in the database."""
        if visitor is not None:
            await self._write(sessions.end, visitor.token)
        response = RedirectResponse("/login", status_code=303)
        response.headers["set-cookie"] = cookie("")
        return response

    async def language(self, request: Request, _visitor: Visitor | None) -> Response:
        """Keep the language that was chosen, in this browser."""
        response = RedirectResponse("/", status_code=303)
        response.headers["set-cookie"] = languages.cookie(request.path_params["language"])
        return response

    async def home(self, _request: Request, visitor: Visitor | None) -> Response:
        """The page that the role begins with."""
        first = "/account"
        if visitor is not None and visitor.may(May.SEE_INCIDENTS):
            first = "/queue"
        return RedirectResponse(first, status_code=303)

    async def invitation_page(self, request: Request, _visitor: Visitor | None) -> Response:
        """The form for a first, or a new, password."""
        account = await self._invited(request.path_params["token"])
        return self._invitation(request, account, "")

    async def accept_invitation(self, request: Request, _visitor: Visitor | None) -> Response:
        """Set the password, once."""
        token, form = request.path_params["token"], await read_form(request)
        try:
            with self.passwords.place():
                return await self._accepted(request, token, form)
        except BusyError as error:
            return self._refused(request, 503, error.sentence, "")

    async def _accepted(self, request: Request, token: str, form: Mapping[str, str]) -> Response:
        account = await self._invited(token)
        if account is None:
            return self._invitation(request, None, "")
        password = form.get("password", "")
        if password != form.get("again", ""):
            return self._invitation(request, account, "The two passwords differ: type them again.")
        try:
            hashed = await self.passwords.hash(password)
        except UsageError as error:
            return self._invitation(request, account, error.sentence)
        taken = await self._write(accounts.accept, token, hashed, _now_ms())
        if taken is None:
            return self._invitation(request, None, "")
        await self._write(_note, taken, "set a password")
        return RedirectResponse("/login", status_code=303)

    async def account_page(self, request: Request, visitor: Visitor | None) -> Response:
        """One's own account, with a new secret for a second factor to be set up with."""
        return self._account(request, visitor, "", "")

    async def set_second_factor(self, request: Request, visitor: Visitor | None) -> Response:
        """Ask for codes from now on, once one was typed that fits."""
        form = await read_form(request)
        secret, code = form.get("secret", ""), form.get("code", "")
        if visitor is None or not _is_secret(secret):
            return self._account(request, visitor, "", "Begin again: that was no secret of ours.")
        if visitor.account.totp_secret:
            # Or whoever sits at an open console could lock its owner out.
            return self._account(
                request, visitor, "", "You have one: an administrator's new link ends it."
            )
        step = _step_of(secret, code)
        if step is None:
            return self._account(
                request, visitor, secret, "That code does not fit: type the newest one."
            )
        await self._write(accounts.set_second_factor, visitor.account.id, secret)
        await self._write(accounts.use_code, visitor.account.id, step)
        await self._write(_note, visitor.account, "set a second factor")
        return RedirectResponse("/account", status_code=303)

    async def _invited(self, token: str) -> Account | None:
        if not await self.visitors.is_ours(token):
            return None
        found: Account | None = await self._read(accounts.invited, token, _now_ms())
        return found

    async def _failed(self, request: Request, login: str, account: Account | None) -> Response:
        address = _address(request)
        self.throttle.failed(address, login, time.monotonic())
        if account is not None:
            await self._write(_note, account, "failed to log in", address)
        return self._refused(request, 401, _WRONG, login)

    def _refused(self, request: Request, status: int, sentence: str, login: str) -> Response:
        page = self.page(request, "login.html", None, error=sentence, login=login)
        return HTMLResponse(page, status_code=status)

    def _invitation(self, request: Request, account: Account | None, sentence: str) -> Response:
        status = 404 if account is None else 400 if sentence else 200
        login = "" if account is None else account.login
        page = self.page(request, "invite.html", None, login=login, error=sentence)
        return HTMLResponse(page, status_code=status)

    def _account(
        self, request: Request, visitor: Visitor | None, secret: str, sentence: str
    ) -> Response:
        secret = secret or random_base32()
        login = "" if visitor is None else visitor.account.login
        uri = TOTP(secret, name=login, issuer="Nabij").provisioning_uri()
        picture = segno.make(uri).svg_inline(scale=4, svgclass="qr", lineclass=None)
        given = {"secret": secret, "picture": picture, "error": sentence}
        page = self.page(request, "account.html", visitor, **given)
        return HTMLResponse(page, status_code=400 if sentence else 200)

    async def _read(self, work: Any, *given: Any) -> Any:
        return await self.worker.run(lambda: self.store.read(lambda one: work(one, *given)))

    async def _write(self, work: Any, *given: Any) -> Any:
        return await self.visitors.change(lambda one: work(one, *given))


def _begin(connection: sa.Connection, account: Account, code: str) -> str | None:
    """A session; None when the second factor is missing, wrong or was used before."""
    current = accounts.by_id(connection, account.id)
    if current is None or not current.is_open or current.password_hash != account.password_hash:
        return None
    # A password alone is one factor: whoever set up a second one is asked for one.
    if not current.totp_secret and passkeys.of_account(connection, current.id):
        return None
    if current.totp_secret:
        step = _step_of(current.totp_secret, code)
        if step is None or not accounts.use_code(connection, current.id, step):
            return None
    _note(connection, current, "logged in")
    return sessions.begin(connection, current.id, _now_ms())


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code that is, near now; None for a wrong one."""
    digits = "".join(code.split())
    now = int(time.time()) // _STEP_S
    totp = TOTP(secret)
    for step in (now + one for one in _AROUND):
        if totp.verify(digits, for_time=step * _STEP_S):
            return step
    return None


def _is_secret(secret: str) -> bool:
    return len(secret) == 32 and set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def _note(connection: sa.Connection, account: Account, what: str, detail: str = "") -> None:
    audit.add(
        connection, _now_ms(), account.login, what, person_id=account.person_id, detail=detail
    )


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
