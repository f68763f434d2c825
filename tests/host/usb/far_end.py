"""A port whose other end is a function."""

import contextlib
import os
import pty
import threading
import tty
from collections.abc import Callable, Iterator

Says = Callable[[bytes], bytes | None]
_ENDS_S = 30.0


@contextlib.contextmanager
def scripted(says: Says) -> Iterator[str]:
    """A port whose other end answers what is written to it by `says`; its path."""
    other, terminal = pty.openpty()
    tty.setraw(terminal)

    def run() -> None:
        # The read fails once nobody has the port open any more, this function included.
        with contextlib.suppress(OSError):
            while True:
                answer = says(os.read(other, 4096))
                if answer:
                    os.write(other, answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield os.ttyname(terminal)
    finally:
        os.close(terminal)
        thread.join(_ENDS_S)
        assert not thread.is_alive(), "somebody has the port open still"
        os.close(other)


def silent(_data: bytes) -> bytes | None:
    """An end that never answers."""
    return None
