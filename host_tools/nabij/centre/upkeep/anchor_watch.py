"""Signs the head of the audit once a day (people/anchors.py)."""

import asyncio
import time
from typing import Final

from nabij.centre.people import anchors
from nabij.centre.recurring import Job
from nabij.centre.store import Store

LOOK_S: Final = 60.0


def anchor_job(store: Store) -> Job:
    """What has to recur."""

    async def look() -> None:
        now_ms = time.time_ns() // 1_000_000
        await asyncio.to_thread(store.write, lambda one: anchors.add(one, now_ms))

    return Job(
        "nabij-anchor",
        LOOK_S,
        look,
        "The audit is not anchored",
        "The audit is anchored again.",
    )
