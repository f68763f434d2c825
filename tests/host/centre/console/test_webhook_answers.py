"""Webhooks at the console: for administrators, with a secret that is shown once."""

from __future__ import annotations

from tests.host.centre.console.desk_site import ConsoleSite

URL = "https://ward.example/hook/of-theirs"


def test_the_secret_is_shown_once_and_the_address_never(console_site: ConsoleSite) -> None:
    with console_site.client("root") as client:
        made = client.post("/api/webhooks", json={"name": "ward", "url": URL}).json()
        assert made["secret"].startswith("whsec_")
        path = f"/api/webhooks/{made['id']}"
        listed = client.get("/api/webhooks")
        [one] = listed.json()["webhooks"]
        assert (one["name"], one["host"]) == ("ward", "https://ward.example")
        client.put(path, json={"disabled": True}).raise_for_status()
        assert client.get("/api/webhooks").json()["webhooks"][0]["disabled"]
        kept = client.get("/api/audit").text
        client.delete(path).raise_for_status()
        assert client.delete(path).status_code == 400
        assert client.get("/api/webhooks").json()["webhooks"] == []
    for text in (listed.text, kept):
        assert made["secret"] not in text
        assert "of-theirs" not in text
    assert "added a webhook" in kept
