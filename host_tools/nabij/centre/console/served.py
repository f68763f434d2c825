"""How an application of the receiver is served: TLS, its limits, and nothing said of itself."""

import ssl
from pathlib import Path
from typing import Any, Final

import uvicorn

from nabij.centre.console.address import Options
from nabij.centre.console.connections import Impatient
from nabij.errors import UsageError

# What is being answered finishes; a stream ends at once.
STOP_S: Final = 3


def config(
    application: Any,
    http: type[Impatient],
    files: tuple[Path, Path] | None,
    options: Options,
) -> uvicorn.Config:
    """Of a server; `files` are certificate and key, None for no TLS.

    UsageError, by the names of `options`, for files that are none.
    """
    certificate, key = files or (None, None)
    made = uvicorn.Config(
        application,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        http=http,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
    )
    try:
        made.load()
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"{certificate} and {key} are no certificate and key ({error}): give PEM files "
            f"that belong together with {options.certificate} and {options.key}."
        ) from error
    return made


def renew(made: uvicorn.Config) -> None:
    """Show the certificate that the files have now, to whoever connects from now on."""
    if made.ssl is not None:
        made.ssl.load_cert_chain(str(made.ssl_certfile), str(made.ssl_keyfile))
