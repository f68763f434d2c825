"""Logging in: no default password, a second factor, and sessions that end when they should."""

import re
import time

import httpx
import pytest
from pyotp import TOTP

from nabij.centre.console.guard import COOKIE
from tests.host.centre.console.desk_site import PASSWORD, ConsoleSite


def log_in(client: httpx.Client, login: str, **fields: str) -> httpx.Response:
    return client.post("/login", data={"login": login, "password": PASSWORD, **fields})


def made(site: ConsoleSite, login: str, role: str = "operator") -> str:
    """A new account; the path of its link."""
    with site.client("root") as root:
        answer = root.post("/api/accounts", json={"login": login, "role": role})
    return str(answer.json()["path"])


def open_it(site: ConsoleSite, path: str, password: str = PASSWORD) -> httpx.Response:
    with site.client() as client:
        return client.post(path, data={"password": password, "again": password})


def test_nobody_gets_in_before_the_link_was_used_and_the_link_works_once(
    console_site: ConsoleSite,
) -> None:
    path = made(console_site, "newcomer")
    with console_site.client() as client:
        for password in ("", "newcomer", PASSWORD):
            assert log_in(client, "newcomer", password=password).status_code == 401
    assert open_it(console_site, path, "short").status_code == 400
    assert open_it(console_site, path).headers["location"] == "/login"
    assert open_it(console_site, path).status_code == 404
    with console_site.client() as client:
        answer = log_in(client, "NewComer")
        assert answer.status_code == 303
        assert client.get("/api/me").json()["login"] == "newcomer"


def test_a_wrong_login_and_a_wrong_password_sound_the_same(console_site: ConsoleSite) -> None:
    with console_site.client() as client:
        pages = [
            log_in(client, login, password=password).text.replace(login, "")
            for login, password in (("jansen", "wrong"), ("nobody-here", PASSWORD))
        ]
    assert pages[0] == pages[1]
    assert "is wrong" in pages[0]


def test_log_out_ends_the_session_also_for_who_kept_the_cookie(console_site: ConsoleSite) -> None:
    with console_site.client("jansen") as client:
        kept = client.cookies[COOKIE]
        answer = client.post("/logout")
        assert "Max-Age=0" in answer.headers["set-cookie"]
    with console_site.client() as client:
        client.cookies.set(COOKIE, kept)
        assert client.get("/api/me").status_code == 401


def test_another_role_ends_the_session(console_site: ConsoleSite) -> None:
    assert open_it(console_site, made(console_site, "riser")).status_code == 303
    with console_site.client("riser") as riser, console_site.client("root") as root:
        assert riser.get("/api/me").status_code == 200
        accounts = root.get("/api/accounts").json()["accounts"]
        own = next(one["id"] for one in accounts if one["login"] == "riser")
        root.put(f"/api/accounts/{own}", json={"role": "administrator"})
        assert riser.get("/api/me").status_code == 401


def test_a_second_factor_is_asked_for_and_each_code_counts_once(
    console_site: ConsoleSite,
) -> None:
    assert open_it(console_site, made(console_site, "careful")).status_code == 303
    with console_site.client("careful") as client:
        page = client.get("/account").text
        secret = re.search(r"<code>(\w{32})</code>", page)
        assert secret is not None
        assert "<svg" in page
        form = {"secret": secret[1], "code": "000000"}
        assert client.post("/account/second-factor", data=form).status_code == 400
        # The one before now, so that the newest is left for the log-in.
        form["code"] = TOTP(secret[1]).at(int(time.time()) - 30)
        assert client.post("/account/second-factor", data=form).status_code == 303
        # Or whoever finds a console open could take the account over.
        anew = {**form, "code": TOTP(secret[1]).now()}
        assert client.post("/account/second-factor", data=anew).status_code == 400
    with console_site.client() as client:
        assert log_in(client, "careful").status_code == 401
        assert log_in(client, "careful", code=form["code"]).status_code == 401
        code = TOTP(secret[1]).now()
        assert log_in(client, "careful", code=code).status_code == 303
        assert log_in(client, "careful", code=code).status_code == 401


def test_guessing_is_slowed_down_and_kept(console_site: ConsoleSite) -> None:
    with console_site.client() as client:
        found = [log_in(client, "chief", password=f"wrong {n}").status_code for n in range(8)]
        assert found[:5] == [401] * 5
        assert found[-1] == 429
        # The right one has to wait as well: nobody learns that it is.
        assert log_in(client, "chief").status_code == 429
    with console_site.client("root") as root:
        lines = root.get("/api/audit").json()["lines"]
    assert any(one["by"] == "chief" and one["what"] == "failed to log in" for one in lines)


@pytest.mark.parametrize(("login", "first"), [("smit", "/queue"), ("worker", "/account")])
def test_a_role_begins_at_its_page(console_site: ConsoleSite, login: str, first: str) -> None:
    with console_site.client(login) as client:
        assert client.get("/").headers["location"] == first
