"""The `nabij` command: imports the verb that runs; an error is one sentence and an exit code."""

import errno
import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from nabij import extras
from nabij.cli.closed_pipe import outlive_readers
from nabij.cli.hints import refuse_habits, refuse_help
from nabij.cli.output import tell
from nabij.cli.refusals import in_plain_words
from nabij.cli.verbs import VERBS, Verb
from nabij.errors import NabijError


class Verbs(TyperGroup):
    """The table of verbs as a group; a NabijError from any becomes its sentence and exit code."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # For the help and for completion; what runs is loaded by resolve_command.
        self.commands = {verb.name: TyperCommand(verb.name, help=verb.help) for verb in VERBS}

    def main(self, *args: Any, **options: Any) -> Any:
        """Do what was typed; also of a help that is cut short nobody sees a traceback."""
        outlive_readers()
        try:
            return super().main(*args, **options)
        except OSError as error:
            # Files that a verb writes are named; without a name it is where the output goes.
            if error.errno != errno.ENOSPC or error.filename is not None:
                raise
            tell("No space is left where the output goes: free some, or send it elsewhere.", "red")
            sys.exit(1)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the verb that was typed, and import it."""
        if not ctx.resilient_parsing:
            refuse_help(args)
        name, command, rest = super().resolve_command(ctx, args)
        for verb in VERBS:
            if verb.name == name:
                command = load(verb)
        if not ctx.resilient_parsing:
            refuse_habits(args, command)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that was typed."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            in_plain_words(error)
            raise
        except NabijError as error:
            tell(error.sentence, style="red")
            raise typer.Exit(error.exit_code) from error
        except ModuleNotFoundError as error:
            needed = {verb.name: verb.extra for verb in VERBS}
            lacking = extras.lacking(error, needed.get(ctx.invoked_subcommand, ""))
            tell(lacking.sentence, style="red")
            raise typer.Exit(lacking.exit_code) from error


def load(verb: Verb) -> Any:
    """The command of a verb, ready to run."""
    app = importlib.import_module(verb.module).app
    # A group has a help of its own, a verb that of its function.
    command = get_group(app) if isinstance(app.info.help, str) else get_command(app)
    command.name = verb.name
    return command


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Nabij: lone-worker badges, their simulator, and the receiver of their alarms.",
    epilog="Example: nabij serve --state ./receiver",
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from nabij.version import this_version

        typer.echo(this_version().sentence)
        raise typer.Exit


@app.callback()
def _verbs(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print version and commit."
        ),
    ] = False,
) -> None:
    """Make `nabij` a command of verbs."""
