"""The bill of materials names what a release brings, by the standard's own schema."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest

from nabij import places
from nabij.release import notices
from nabij.release.sbom import sbom
from nabij.version import Version

VERSION = Version("0.1.0", "836db04c1b2f", 1_790_000_000, 1_780_000_000, changed=False)


@pytest.fixture(scope="module")
def text() -> str:
    return made()


def schema(name: str) -> jsonschema_rs.Validator:
    folder = resources.files("cyclonedx.schema") / "_res"

    def read(of: str) -> Any:
        return json.loads((folder / f"{of}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))

    names = ("spdx", "jsf-0.82")
    others = [(f"http://cyclonedx.org/schema/{of}.SNAPSHOT.schema.json", read(of)) for of in names]
    registry = jsonschema_rs.Registry(others)
    return jsonschema_rs.validator_for(read(name), registry=registry)


def made() -> str:
    return sbom(VERSION, notices.of_packages(), notices.of_files(places.ROOT / "host_tools"))


def test_it_is_what_the_schema_allows(text: str) -> None:
    document = json.loads(text)
    schema("bom-1.6").validate(document)
    del document["bomFormat"]
    assert not schema("bom-1.6").is_valid(document)


def test_it_names_packages_and_firmware_each_with_version_and_licence(text: str) -> None:
    document = json.loads(text)
    found = {one["name"].lower(): one for one in document["components"]}
    assert {"cryptography", "starlette", "micropython-esp32_generic_s3"} <= found.keys()
    assert all(one["version"] and one["licenses"] for one in found.values())
    assert found["cryptography"]["purl"].startswith("pkg:pypi/cryptography@")
    image = found["micropython-esp32_generic_s3"]
    assert (image["type"], image["hashes"][0]["alg"]) == ("firmware", "SHA-256")
    assert document["metadata"]["component"]["name"] == "nabij"
    [own] = [one for one in document["dependencies"] if one["ref"] == "nabij"]
    assert len(own["dependsOn"]) == len(document["components"])


def test_one_commit_has_one_bill(text: str) -> None:
    assert made() == text
