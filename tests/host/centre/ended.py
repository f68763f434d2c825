"""Ends a server of a receiver, as a fault would."""

import asyncio
import gc


def end_server(name: str) -> None:
    """The task that serves what people know by this name."""
    [task] = [
        one
        for one in gc.get_objects()
        if isinstance(one, asyncio.Task)
        and not one.done()
        and one.get_name().startswith(f"nabij-serves {name}")
    ]
    task.get_loop().call_soon_threadsafe(task.cancel)
