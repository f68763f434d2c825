"""Every route of the console, tried by whoever may not use it, from elsewhere, with rubbish."""

from typing import Any

import httpx
import pytest
from starlette.routing import Route as AppRoute

from nabij.centre.console import app
from nabij.centre.console.routes import ROUTES, Json, Page, Route
from nabij.centre.people.roles import May, Role, may
from tests.host.centre.console.desk_site import MARKUP, ConsoleSite

LOGINS = {
    Role.OPERATOR: "smit",
    Role.SUPERVISOR: "chief",
    Role.WORKER: "worker",
    Role.ADMINISTRATOR: "root",
}
UNSAFE = [route for route in ROUTES if route.method != "GET"]
ASKING = [route for route in ROUTES if route.may is not May.LOG_IN]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def at(route: Route) -> str:
    """An address that the route takes and where there is nothing."""
    return (
        route.path.replace("{incident}", "99999")
        .replace("{person}", "99999")
        .replace("{account}", "99999")
        .replace("{plan}", "nobodys")
        .replace("{webhook}", "99999")
        .replace("{site}", "99999")
        .replace("{passkey}", "99999")
        .replace("{token}", "nobodys")
        .replace("{name}", "nothing.css")
        .replace("{language}", "nl")
    )


def send(client: httpx.Client, route: Route, **given: Any) -> httpx.Response:
    if route.method != "GET" and "content" not in given:
        given.setdefault("json", {})
    if route.path == "/api/stream":
        with client.stream("GET", at(route)) as answer:
            return answer
    return client.request(route.method, at(route), **given)


def test_the_application_has_the_routes_of_the_table_and_no_other(
    console_site: ConsoleSite,
) -> None:
    built: Any = app.build(app.Uses(*[None] * 8))  # type: ignore[arg-type]
    found = {
        (method, route.path)
        for route in built.routes
        if isinstance(route, AppRoute)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert len(built.routes) == len(ROUTES)
    assert found == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ASKING, ids=name)
def test_without_a_log_in_nothing_is_answered(console_site: ConsoleSite, route: Route) -> None:
    with console_site.client() as client:
        answer = send(client, route)
    if route.path.startswith("/api/"):
        assert answer.status_code == 401
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_what_the_table_says_and_no_more(
    console_site: ConsoleSite, role: Role
) -> None:
    wrong = []
    with console_site.client(LOGINS[role]) as client:
        for route in ASKING:
            if route.path == "/logout":
                continue
            answer = send(client, route)
            is_let_in = answer.status_code not in {401, 403}
            if is_let_in != may(role, route.may):
                wrong.append(f"{name(route)}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_a_page_of_somebody_else_changes_nothing(
    console_site: ConsoleSite, headers: dict[str, str]
) -> None:
    with console_site.client("root") as client:
        for one in ("origin", "sec-fetch-site"):
            client.headers.pop(one, None)
        client.headers.update(headers)
        found = {name(route): send(client, route).status_code for route in UNSAFE}
    assert set(found.values()) == {403}, found


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_without_the_token_of_the_page_nothing_changes(
    console_site: ConsoleSite, token: str
) -> None:
    with console_site.client("root") as client:
        client.headers["x-form-token"] = token
        asking = [route for route in UNSAFE if route.may is not May.LOG_IN]
        found = {name(route): send(client, route).status_code for route in asking}
    assert set(found.values()) == {403}, found


@pytest.mark.parametrize("times", [1, 3])
def test_a_body_without_end_is_refused(console_site: ConsoleSite, times: int) -> None:
    with console_site.client("root") as client:
        for route in UNSAFE:
            length = times * route.most_body + 1
            assert send(client, route, content=b"x" * length).status_code == 413, name(route)
            chunks = iter([b"x" * 1024] * (length // 1024 + 1))
            assert send(client, route, content=chunks).status_code == 413, name(route)


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"null", b'{"nothing_of_ours": 1}', b"\xff\xfe", b'{"minutes": 1e9}']
)
def test_a_body_that_is_none_of_ours_is_refused_in_a_sentence(
    console_site: ConsoleSite, content: bytes
) -> None:
    with console_site.client("smit") as client:
        for path in ("/api/incidents/1/claim", "/api/badges/hand-out", "/api/incidents/1/close"):
            answer = client.post(path, content=content)
            assert answer.status_code == 400, (path, answer.text)
            assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_every_answer_forbids_what_is_of_others(console_site: ConsoleSite, route: Route) -> None:
    with console_site.client() as client:
        headers = send(client, route).headers
    policy = headers["content-security-policy"]
    assert policy.startswith(("default-src 'self';", "default-src 'none';"))
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "no-" in headers["cache-control"]
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/app.py",
        "/assets/....//app.py",
        "/assets/..%5capp.py",
        "/assets/app.py",
        "/assets/",
        "/assets/%00base.css",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_assets(console_site: ConsoleSite, path: str) -> None:
    with console_site.client("root") as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert b"import" not in answer.content


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e3", "99999999999999999999", "²", "1;2"])
def test_a_number_that_is_none_finds_nothing(console_site: ConsoleSite, text: str) -> None:
    with console_site.client("smit") as client:
        assert client.get(f"/api/incidents/{text}").status_code == 404


def test_a_name_with_markup_stays_text(console_site: ConsoleSite) -> None:
    with console_site.client("root") as client:
        added = client.post(
            "/api/accounts", json={"login": "m", "role": "operator", "name": MARKUP}
        )
        token = added.json()["path"].rpartition("/")[2]
        page = client.get(f"/invite/{token}").text
        wrong = client.post("/login", data={"login": f'"><script>{MARKUP}', "password": "x"}).text
    assert "<b>" not in page
    assert "<script>" not in wrong.replace('<script type="module"', "")


def test_pages_are_whole(console_site: ConsoleSite) -> None:
    with console_site.client("root") as client:
        for route in ROUTES:
            if isinstance(route.answer, Page):
                page = client.get(at(route))
                assert page.status_code == 200, name(route)
                assert "style=" not in page.text
                assert "<script>" not in page.text


def test_the_table_names_handlers_that_say_what_they_do() -> None:
    for route in ROUTES:
        if isinstance(route.answer, Json):
            assert route.answer.handle.__doc__, name(route)
