"""The description of the API is of all that gives JSON, and what it refers to is there."""

import json
import re

from nabij.centre.console import openapi
from nabij.centre.console.routes import ROUTES, Json


def test_every_answer_in_json_is_described() -> None:
    paths = openapi.describe()["paths"]
    for route in ROUTES:
        if isinstance(route.answer, Json):
            operation = paths[route.path][route.method.lower()]
            assert operation["summary"], route.path
            assert str(route.may) in operation["description"]


def test_all_that_is_referred_to_is_there_and_names_are_given_once() -> None:
    found = openapi.describe()
    text = json.dumps(found)
    for name in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert name in found["components"]["schemas"]
    names = re.findall(r'"operationId": "(\w+)"', text)
    assert len(names) == len(set(names))
