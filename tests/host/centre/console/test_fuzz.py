"""The API against its own description: whatever is asked, it answers as it says that it does."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nabij.centre.console import openapi
from nabij.centre.console.guard import COOKIE
from tests.host.centre.console.desk_site import ConsoleSite

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
schema = schemathesis.openapi.from_dict(openapi.describe())


# A receiver of its own: what is asked here changes people, badges and incidents at random.
@pytest.fixture(scope="module")
def fuzzed_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    site = ConsoleSite(tmp_path_factory.mktemp("fuzzed"))
    yield site
    site.close()


@pytest.fixture
def headers(fuzzed_site: ConsoleSite) -> dict[str, str]:
    with fuzzed_site.client("root") as client:
        return {**client.headers, "cookie": f"{COOKIE}={client.cookies[COOKIE]}"}


@schema.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_it_is_described(
    case: Any, fuzzed_site: ConsoleSite, headers: dict[str, str]
) -> None:
    case.headers.update(headers)
    trust = str(fuzzed_site.receiver.paths.pki / "ca.pem")
    answer = case.call(base_url=fuzzed_site.url, verify=trust)
    case.validate_response(answer, checks=CHECKS)
