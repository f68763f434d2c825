"""`nabij demo`: the whole chain in half a minute."""

import typer
from rich.console import Console

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij demo")
def demo() -> None:
    """Show the whole chain in half a minute: a fall and a squeeze become two incidents."""
    # The receiver is a process of its own, which could say too late what is not installed.
    from nabij.centre.link import link  # noqa: F401
    from nabij.virtual import demo as demonstration

    demonstration.run(Console(soft_wrap=True))
