"""What a plain `pip install nabij` leaves out, and which extra brings it."""

from typing import Final

from nabij.errors import NabijError

# Modules that are imported, and programs that are started, each with the extra of pyproject.toml.
EXTRA_OF: Final = {
    "PIL": "enclosure",
    "apprise": "receiver",
    "argon2": "receiver",
    "build123d": "enclosure",
    "charset_normalizer": "qa",
    "cwa_reader_rs": "qa",
    "cyclonedx": "dev",
    "distributed": "tune",
    "httpx": "dev",
    "babel": "receiver",
    "bleak": "gateway",
    "bumble": "dev",
    "jinja2": "receiver",
    "joblib": "tune",
    "matplotlib": "qa",
    "micropython": "sim",
    "msgspec": "receiver",
    "nats": "receiver",
    "nats-server": "receiver",
    "numba": "qa",
    "optuna": "tune",
    "paho": "gateway",
    "packageurl": "dev",
    "packaging": "dev",
    "pandas": "qa",
    "playwright": "dev",
    "psycopg": "receiver",
    "pyotp": "receiver",
    "pytest": "dev",
    "python_calamine": "qa",
    "scipy": "tune",
    "segno": "receiver",
    "starlette": "receiver",
    "trimesh": "enclosure",
    "uvicorn": "receiver",
    "webauthn": "receiver",
}


class MissingExtraError(NabijError):
    """A verb needs what this installation does not have."""


def missing(what: str, verb_extra: str = "") -> MissingExtraError:
    """The sentence about a module or program that is not installed.

    `verb_extra` is all that the verb needs, so that a person installs once.
    """
    top = what.split(".", maxsplit=1)[0]
    extra = EXTRA_OF.get(top)
    if extra is not None and verb_extra:
        extra = verb_extra
    if extra == "dev":
        return MissingExtraError(
            f"This verb needs {top}, which developers have: run make setup in a clone."
        )
    wanted = "nabij" if extra is None else f"nabij[{extra}]"
    how = "pip install --force-reinstall" if extra is None else "pip install"
    return MissingExtraError(f"This verb needs {top}: run {how} '{wanted}'.")


def lacking(error: ModuleNotFoundError, verb_extra: str = "") -> MissingExtraError:
    """The same for a failed import; raises the error itself when it is a fault of ours."""
    top = (error.name or "").split(".")[0]
    if top in {"", "nabij", "badge"}:
        raise error
    return missing(top, verb_extra)
