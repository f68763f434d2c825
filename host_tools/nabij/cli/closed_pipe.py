"""An output that nobody reads any more ends no work: what goes there is dropped."""

import errno
import io
import sys
from typing import Any


class _Outliving(io.FileIO):
    """A stream of this process that goes on when whoever read it has gone."""

    reader_gone = False

    def write(self, data: Any, /) -> int:
        """Write, or drop what no one will read."""
        try:
            return super().write(data)
        except OSError as error:
            # A terminal that was closed answers with EIO.
            if error.errno not in (errno.EPIPE, errno.EIO):
                raise
            self.reader_gone = True
            return memoryview(data).nbytes


def outlive_readers() -> None:
    """Let output and complaints go on after `| head -1`, in this process.

    A verb that is half done, as an update, must come to its end; its exit code says how it went.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not getattr(sys, f"__{name}__") or not isinstance(stream, io.TextIOWrapper):
            continue
        raw = getattr(stream.buffer, "raw", stream.buffer)
        if type(raw) is not io.FileIO:
            continue
        stream.flush()
        outliving: Any = _Outliving(raw.fileno(), "wb", closefd=False)
        if raw is not stream.buffer:
            outliving = io.BufferedWriter(outliving)
        text = io.TextIOWrapper(
            outliving,
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        setattr(sys, name, text)


def reader_is_gone() -> bool:
    """Whether something was dropped that was meant for standard output."""
    buffer: Any = getattr(sys.stdout, "buffer", None)
    return isinstance(raw := getattr(buffer, "raw", buffer), _Outliving) and raw.reader_gone
