"""What every request is asked: whose page sent it, and with which token."""

import pytest

from nabij.centre.console.guard import cookie, form_token, has_form_token, is_foreign

OURS = "https://centre.example:8443"


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({"origin": OURS, "sec-fetch-site": "same-origin"}, False),
        ({"origin": OURS}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"origin": OURS, "sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://centre.example:8443"}, True),
        ({"origin": "https://centre.example"}, True),
        ({"origin": f"{OURS}.evil.example"}, True),
        ({"origin": "null"}, True),
        ({}, True),
    ],
)
def test_only_a_page_of_ours_is_not_foreign(headers: dict[str, str], foreign: bool) -> None:
    assert is_foreign({"host": "centre.example:8443", **headers}) is foreign


def test_a_form_token_is_of_one_session() -> None:
    assert has_form_token("one", form_token("one"))
    for given in (form_token("other"), "", "é"):
        assert not has_form_token("one", given)


def test_the_cookie_goes_nowhere_else_and_no_script_reads_it() -> None:
    parts = cookie("t").split("; ")
    assert parts[0] == "__Host-nabij=t"
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(parts)
    assert "Max-Age=0" in cookie("")
