"""`python -m nabij.cli` is the command `nabij`."""

from nabij.cli.app import app

app(prog_name="nabij")
