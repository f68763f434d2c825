"""A virtual badge with a USB port: a pseudo-terminal that pyserial, mpremote and nabij open."""

import contextlib
import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from nabij.virtual.badge import VirtualBadgeError, command_for, refusal_in
from nabij.virtual.pty_bridge import PtyBridge
from nabij.virtual.scenario import Fact, Scenario

_FLASH: Final = "flash.bin"
_HEAP: Final = "48m"
_LOOK_S: Final = 0.02


class VirtualUsbBadge:
    """A live virtual badge behind `port`; a context manager that leaves no process behind.

    With `folder` its flash stays there for the next one. `facts` are the observations so far,
    `console` what the badge has written to USB. The port stays while the badge resets.
    """

    def __init__(self, scenario: Scenario, folder: Path | None = None) -> None:
        self._scenario = replace(scenario, mode="live")
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="nabij-usb-")
        self._folder = (folder or Path(self._temporary.name if self._temporary else "")).resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self.facts: list[Fact] = []
        state = self._folder / (_FLASH + ".state")
        self._bridge = PtyBridge(self._spawn, state, self.facts.append)
        self._thread = threading.Thread(target=self._bridge.run, name="usb-bridge", daemon=True)

    @property
    def port(self) -> str:
        """The path that a client opens."""
        return self._bridge.port

    @property
    def running(self) -> bool:
        """True until the badge has ended for good."""
        return self._thread.is_alive()

    @property
    def console(self) -> str:
        """All that the badge has written, whether a client was there or not."""
        return bytes(self._bridge.heard).decode("utf-8", "replace")

    @property
    def log(self) -> str:
        """The events of its application so far, also those that USB does not show."""
        return "".join(f"{fact['log']}\n" for fact in self.facts if "log" in fact)

    @property
    def exit_codes(self) -> list[int]:
        """How each start of MicroPython ended: 0 soft reset, 42 reset, 44 watchdog."""
        return list(self._bridge.exit_codes)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the badge; the port goes away, as when the cable is pulled for good."""
        self._bridge.stop()
        if self._thread.ident is None:
            self._bridge.run()
        else:
            self._thread.join()
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                self._temporary.cleanup()

    def send(self, verb: Fact) -> None:
        """Do something to the badge now: a verb of docs/simulator.md."""
        self._bridge.send(verb)

    def press(self, ms: int) -> None:
        """Squeeze the hidden button for `ms`; returns at once."""
        self.send({"do": "press", "ms": ms})

    def wait_for_fact(
        self, wanted: Callable[[Fact], bool], timeout_s: float = 30.0, start: int = 0
    ) -> Fact:
        """The first observation from `start` on that is `wanted`; VirtualBadgeError otherwise."""
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            for fact in self.facts[start:]:
                if wanted(fact):
                    return fact
            self._check_refusals()
            time.sleep(_LOOK_S)
        raise VirtualBadgeError(
            f"The virtual badge did not do what was waited for in {timeout_s:g} s; "
            f"its console ends with:\n{self.console[-800:]}"
        )

    def wait_for_console(self, text: str, timeout_s: float = 30.0, start: int = 0) -> str:
        """The console from character `start` on once it has `text`; VirtualBadgeError else."""
        return self._wait_for(text, lambda: self.console[start:], timeout_s)

    def wait_for_log(self, text: str, timeout_s: float = 30.0, start: int = 0) -> str:
        """The log from character `start` on once it has `text`; VirtualBadgeError else."""
        return self._wait_for(text, lambda: self.log[start:], timeout_s)

    def _wait_for(self, text: str, written: Callable[[], str], timeout_s: float) -> str:
        deadline_s = time.monotonic() + timeout_s
        while text not in written():
            if time.monotonic() > deadline_s:
                raise VirtualBadgeError(
                    f"The virtual badge did not write '{text}' in {timeout_s:g} s; "
                    f"its console ends with:\n{self.console[-800:]}"
                )
            self._check_refusals()
            time.sleep(_LOOK_S)
        return written()

    def _check_refusals(self) -> None:
        for fact in self.facts:
            if (refusal := refusal_in(fact)) is not None:
                raise VirtualBadgeError(refusal)

    def _spawn(
        self,
        terminal: int,
        control: int,
        observed: int,
        raw: bool,  # noqa: FBT001
    ) -> "subprocess.Popen[bytes]":
        usb: dict[str, Any] = {"control_fd": control, "observe_fd": observed, "raw": raw}
        scenario = {**self._scenario.to_json(self._folder / _FLASH), "usb": usb}
        file = self._folder / "scenario.json"
        file.write_text(json.dumps(scenario))
        return subprocess.Popen(
            command_for(self._scenario, file),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            pass_fds=(control, observed),
            start_new_session=True,
        )
