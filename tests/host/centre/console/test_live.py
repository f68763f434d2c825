"""The stream that tells pages to look again: at once, in beats, and to the end of the session."""

import asyncio

from nabij.centre.console import live as module
from nabij.centre.console.live import Live


def run(work):
    return asyncio.run(asyncio.wait_for(work, 60))


async def always() -> bool:
    return True


def test_a_page_hears_of_each_change_and_of_what_it_missed() -> None:
    async def follow() -> list[bytes]:
        number = 7

        async def last() -> int:
            return number

        live = Live(last)
        live.start()
        stream = live.stream(1, "5", always)
        heard = [await anext(stream), await anext(stream)]
        number = 8
        live.changed()
        heard.append(await anext(stream))
        live.stop()
        heard += [one async for one in stream]
        return heard

    first, missed, changed, *rest = run(follow())
    assert first.startswith(b"retry: ")
    assert b"id: 7\n" in missed
    assert b"id: 8\n" in changed
    assert all(b"id: 8" in one for one in rest)


def test_a_page_that_missed_nothing_is_told_nothing_and_hears_the_beat(monkeypatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)

    async def follow() -> list[bytes]:
        async def last() -> int:
            return 7

        live = Live(last)
        live.start()
        stream = live.stream(1, "7", always)
        heard = [await anext(stream) for _ in range(3)]
        await stream.aclose()
        return heard

    assert run(follow())[1:] == [b": beat\n\n"] * 2


def test_the_stream_ends_with_the_session(monkeypatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)

    async def follow() -> list[bytes]:
        async def last() -> int:
            return 7

        async def over() -> bool:
            return False

        live = Live(last)
        live.start()
        return [one async for one in live.stream(1, "7", over)]

    assert run(follow())[-1].startswith(b"event: over")


def test_a_stream_that_is_busy_all_the_time_ends_with_its_session_too(monkeypatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    monkeypatch.setattr(module, "APART_S", 0.0)

    async def follow() -> list[bytes]:
        number = 7

        async def last() -> int:
            nonlocal number
            number += 1
            # Before it has been told of this change there is the next one.
            live.changed()
            await asyncio.sleep(0.001)
            return number

        async def over() -> bool:
            return False

        live = Live(last)
        live.start()
        return [one async for one in live.stream(1, "7", over)]

    assert run(follow())[-1].startswith(b"event: over")


def test_one_account_cannot_take_the_pages_of_all_others(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_OF_ONE", 3)
    monkeypatch.setattr(module, "MOST_STREAMS", 5)

    async def follow() -> list[str]:
        async def last() -> int:
            return 7

        live = Live(last)
        live.start()
        streams = [live.stream(account, "7", always) for account in (1, 1, 1, 2, 2)]
        said = []
        for stream in streams:
            said.append(live.refusal(1))
            await anext(stream)
        said.append(live.refusal(3))
        for stream in streams[:3]:
            await stream.aclose()
        return [*said, live.refusal(1), live.refusal(3)]

    of_one = "This account has 3 pages open: close some."
    of_all = "Too many pages are open: close some."
    assert run(follow()) == ["", "", "", of_one, of_one, of_all, "", ""]
