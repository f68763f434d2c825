"""`nabij flash`: from an empty ESP32-S3 to a running badge in one command."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from nabij.cli import completion
from nabij.cli.board_of import definition_of
from nabij.cli.completion import one_of
from nabij.cli.options import Board, Json, option
from nabij.cli.output import print_json, tell
from nabij.errors import NabijError, UsageError
from nabij.usb.build import DEFAULT_BOARD

if TYPE_CHECKING:
    from nabij.usb.flash import Chip, Flashed
    from nabij.usb.image import Image
    from nabij.usb.install import Installed

_MEGABYTE: Final = 1 << 20
_NEXT: Final = (
    "Next: nabij provision for a new badge, nabij doctor for one that was provisioned before."
)
_BEFORE: Final = ("default-reset", "usb-reset", "no-reset", "no-reset-no-sync")
_AFTER: Final = ("hard-reset", "soft-reset", "watchdog-reset", "no-reset")

Bar = Callable[[int, int], None]

app = typer.Typer(add_completion=False)


@app.command("flash", epilog="Example: nabij flash /dev/ttyACM0")
def flash_command(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="BADGE",
            help="Port, id:<serial> or rfc2217:// address; the only board if left out.",
            autocompletion=one_of(completion.badges),
        ),
    ] = None,
    *,
    image: Annotated[
        Path | None, typer.Option("--image", help="MicroPython .bin; else the official one.")
    ] = None,
    dry_run: Annotated[bool, option("--dry-run", more="what would be written")] = False,
    board: Board = DEFAULT_BOARD,
    image_only: Annotated[
        bool, typer.Option("--image-only", help="MicroPython only, without the application.")
    ] = False,
    app_only: Annotated[
        bool, typer.Option("--app-only", help="The application only, onto MicroPython.")
    ] = False,
    erase: Annotated[
        bool, typer.Option("--erase", help="Empty the rest of the flash: identity, alarms, all.")
    ] = False,
    app_port: Annotated[
        str | None, typer.Option("--app-port", help="Port of MicroPython, if it is another one.")
    ] = None,
    before: Annotated[
        str,
        typer.Option(
            "--before",
            help=f"Reset into the loader: {', '.join(_BEFORE)}.",
            autocompletion=one_of(lambda: _BEFORE),
        ),
    ] = _BEFORE[0],
    after: Annotated[
        str,
        typer.Option(
            "--after",
            help=f"Reset out of the loader: {', '.join(_AFTER)}.",
            autocompletion=one_of(lambda: _AFTER),
        ),
    ] = _AFTER[0],
    secure_boot: Annotated[
        Path | None,
        typer.Option("--secure-boot", help="With --dry-run: print the commands for this key."),
    ] = None,
    flash_encryption: Annotated[
        Path | None,
        typer.Option("--flash-encryption", help="With --secure-boot: encrypt with this key too."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put MicroPython and the application on an ESP32-S3, check them there, and start the badge.

    What is on the board already is kept, so after a pulled cable the same command goes on. A badge
    keeps its identity, configuration and alarms unless --erase is given.
    """
    from nabij.usb.device import port_of
    from nabij.usb.flash import Line, flash, same_by_hand
    from nabij.usb.install import RUNNING_S, START_S, install, wait_for_prompt
    from nabij.usb.ports import list_badge_ports, open_port

    _check_words(before, after)
    _check_halves(image, image_only=image_only, app_only=app_only, erase=erase, dry_run=dry_run)
    if secure_boot is not None or flash_encryption is not None:
        _say_secure_boot(address, secure_boot, flash_encryption, dry_run=dry_run, as_json=as_json)
        return
    definition = definition_of(board)
    show = _Show(as_json=as_json)
    picture: Image | None = None
    if image is not None:
        # A wrong file is told before a board is looked for.
        picture = _picture(image, definition.micropython_image, show)
    try:
        found_port = port_of(address)
    except NabijError:
        if dry_run and picture is not None:
            tell(f"{image} is a whole MicroPython image for an ESP32-S3.")
        raise
    others = [one.port for one in list_badge_ports() if one.port != found_port]
    flashed: Flashed | None = None
    installed: Installed | None = None
    if not app_only:
        picture = picture or _picture(None, definition.micropython_image, show)
        line = Line(found_port, before, after)
        with show.bar("MicroPython") as bar:
            flashed = flash(line, picture, dry_run=dry_run, erase=erase, progress=bar)
        show.flashed(flashed, picture, erase=erase)
        if dry_run:
            show.line(f"By hand: {same_by_hand(line, picture.file)}")
    if not image_only and not dry_run:
        if app_only:
            # What keeps a port from being opened now will not go away by waiting.
            open_port(app_port or found_port).close()
        with show.waiting("Waiting for MicroPython"):
            prompt = wait_for_prompt(
                app_port or found_port, RUNNING_S if app_only else START_S, not_these=others
            )
        with show.bar("Application") as bar:
            installed = install(prompt, board=board, progress=bar)
        show.installed(installed)
    show.end(flashed, picture, installed)


class _Show:
    """What a person reads, or nothing but one JSON object at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._console = Console(emoji=False, stderr=True, soft_wrap=True)

    def line(self, text: str) -> None:
        if not self._as_json:
            typer.echo(text)

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """The text as a line, and on a terminal a sign that something is still going on."""
        self.line(text)
        if self._as_json or not self._console.is_terminal:
            yield
            return
        with self._console.status(text):
            yield

    @contextlib.contextmanager
    def bar(self, what: str) -> Iterator[Bar]:
        """A progress bar on a terminal; elsewhere it would only be noise."""
        shown = self._console.is_terminal and not self._as_json
        columns = (
            TextColumn(what),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=self._console, disable=not shown, transient=True
        ) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    def flashed(self, done: "Flashed", image: "Image", *, erase: bool) -> None:
        self.line(_chip_text(done.chip))
        self.line(f"Image: {image.source}, SHA-256 {image.sha256[:12]}...")
        if not image.pinned:
            self.line("This is not the image that the tests use: you chose it with --image.")
        written = f"{done.written_bytes // 1024} kB"
        kept = f"{done.kept_bytes // 1024} kB are there already"
        if done.planned:
            if erase:
                self.line(
                    "Would empty the rest of the flash: identity, settings, alarms and motion."
                )
            self.line(f"Would write {written}; {kept}. Nothing was written.")
        else:
            if erase:
                self.line("The rest of the flash is empty.")
            self.line(f"MicroPython: wrote {written} in {done.seconds:.1f} s; {kept}. Verified.")

    def installed(self, done: "Installed") -> None:
        self.line(
            f"Application {done.version} for {done.arch} on MicroPython {done.micropython}: wrote "
            f"{done.written_files} files in {done.seconds:.1f} s, {done.kept_files} were there "
            "already. Self-test passed; the badge is starting."
        )

    def end(
        self,
        flashed: "Flashed | None",
        image: "Image | None",
        installed: "Installed | None",
    ) -> None:
        if self._as_json:
            facts: dict[str, Any] = {
                "image": image and {"source": image.source, "sha256": image.sha256},
                "flashed": flashed and asdict(flashed),
                "installed": installed and asdict(installed),
            }
            print_json(facts)
        elif installed is not None:
            typer.echo(_NEXT)


def _picture(path: Path | None, board_image: str, show: _Show) -> "Image":
    from nabij.usb.image import find, from_file

    if path is not None:
        return from_file(path)
    with show.bar("Download") as bar:
        return find(board_image, progress=bar)


def _check_words(before: str, after: str) -> None:
    if before not in _BEFORE:
        raise UsageError(f"'{before}' is no way to reset: use one of {', '.join(_BEFORE)}.")
    if after not in _AFTER:
        raise UsageError(f"'{after}' is no way to reset: use one of {', '.join(_AFTER)}.")


def _check_halves(
    image: Path | None, *, image_only: bool, app_only: bool, erase: bool, dry_run: bool
) -> None:
    if image_only and app_only:
        raise UsageError("--image-only and --app-only together leave nothing to do: drop one.")
    if app_only and image is not None:
        raise UsageError("--app-only leaves MicroPython as it is: drop it, or --image.")
    if app_only and erase:
        raise UsageError("--app-only leaves the flash as it is: drop it, or --erase.")
    if app_only and dry_run:
        raise UsageError("--dry-run compares MicroPython only: drop it, or --app-only.")


def _say_secure_boot(
    port: str | None,
    signing_key: Path | None,
    encryption_key: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from nabij.usb import secure

    if not dry_run:
        raise secure.refuse_to_burn()
    if signing_key is None:
        raise UsageError("--flash-encryption alone protects nothing: add --secure-boot KEY.pem.")
    steps = secure.steps(port or "PORT", Path("BUILD"), signing_key, encryption_key)
    if as_json:
        print_json({"steps": [asdict(step) for step in steps]})
        return
    typer.echo("# Nothing was done. Read docs/engineer/flash.md first: a burnt eFuse stays burnt.")
    typer.echo("# BUILD is the build folder of a MicroPython with secure boot in its sdkconfig.")
    for step in steps:
        typer.echo(f"\n# {step.why}\n{step.text()}")


def _chip_text(chip: "Chip") -> str:
    return f"Chip: {chip.name}, {chip.mac}, {chip.flash_bytes // _MEGABYTE} MB of flash"
