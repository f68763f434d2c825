"""The description of the JSON API, made from the table of routes and its models."""

import re
from typing import Any, Final

import msgspec

from nabij.centre.console.models import Nothing, Refused
from nabij.centre.console.routes import ROUTES, Json, Own, Route
from nabij.version import this_version

_REF: Final = "#/components/schemas/{name}"
_PART: Final = re.compile(r"{(\w+)}")
_NUMBER: Final = {"type": "integer"}
_PARTS: Final = {"plan": {"type": "string", "maxLength": 32}}
# What is refused, and why.
_REFUSALS: Final = {
    "400": "Something in the request cannot be.",
    "401": "Nobody is logged in.",
    "403": "The role may not do that, or the request is not of a page of ours.",
    "404": "There is nothing there, for whoever asks.",
    "409": "Somebody was faster, or it only goes the other way.",
    "413": "The body is too long.",
    "503": "The database cannot be used just now.",
}


def describe() -> dict[str, Any]:
    """OpenAPI 3.1 of all routes that give JSON."""
    given = [(route, gives) for route in ROUTES if (gives := _gives(route)) is not None]
    models = {gives for _, gives in given} | {Refused}
    models |= {
        route.answer.takes
        for route, _ in given
        if isinstance(route.answer, Json) and route.answer.takes is not Nothing
    }
    every = sorted(models, key=lambda one: one.__name__)
    schemas, components = msgspec.json.schema_components(every, ref_template=_REF)
    named = dict(zip(every, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, gives in given:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, gives, named)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Nabij console", "version": this_version().name},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-nabij"},
                "form": {"type": "apiKey", "in": "header", "name": "X-Form-Token"},
            },
        },
    }


def _gives(route: Route) -> type | None:
    return route.answer.gives if isinstance(route.answer, Json | Own) else None


def _operation(route: Route, gives: type, schemas: dict[type, Any]) -> dict[str, Any]:
    answer = route.answer
    words = answer.handle.__doc__ if isinstance(answer, Json) else gives.__doc__
    is_unsafe = route.method != "GET"
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}").strip("_"),
        "summary": (words or "").strip().splitlines()[0],
        "description": f"For whoever may {route.may}.",
        "security": [{"session": [], "form": []} if is_unsafe else {"session": []}],
        "parameters": [
            {"name": part, "in": "path", "required": True, "schema": _PARTS.get(part, _NUMBER)}
            for part in _PART.findall(route.path)
        ],
        "responses": {
            "200": {"description": "As asked.", "content": _json(schemas[gives])},
            **{
                code: {"description": why, "content": _json(schemas[Refused])}
                for code, why in _REFUSALS.items()
            },
        },
    }
    if isinstance(answer, Json) and answer.takes is not Nothing:
        operation["requestBody"] = {"required": True, "content": _json(schemas[answer.takes])}
    return operation


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
