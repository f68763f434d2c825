"""A server of the receiver that ends by itself is told of, and begun anew."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from nabij.centre.console import served
from nabij.centre.console.address import Options
from nabij.centre.console.connections import Impatient
from nabij.centre.serving import Kept, listen_at
from nabij.errors import NabijError
from tests.ports import free_port

OPTIONS = Options("--x-listen", "--x-cert", "--x-key")


async def application(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def kept(listen: Callable[[], socket.socket]) -> Kept:
    made = served.config(application, Impatient, None, OPTIONS)
    return Kept(made, listen, "--x-listen")


def at(port: int) -> Callable[[], socket.socket]:
    return partial(listen_at, "127.0.0.1", port, socket.AF_INET, "--x-listen")


async def answer(port: int) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}/", timeout=30)).text


def test_one_that_ends_by_itself_is_told_and_answers_again() -> None:
    async def life() -> None:
        port = free_port()
        one = kept(at(port))
        before = asyncio.all_tasks()
        one.start()
        [serving] = asyncio.all_tasks() - before
        assert await answer(port) == "here"
        one.look()
        serving.cancel()
        await asyncio.wait({serving})
        with pytest.raises(NabijError, match="--x-listen ended by itself"):
            one.look()
        assert await answer(port) == "here"
        one.look()
        await one.stop()
        with pytest.raises(httpx.HTTPError):
            await answer(port)

    asyncio.run(life())


def test_what_it_died_of_is_said_each_time() -> None:
    async def life() -> None:
        port = free_port()
        listens = [at(port)]

        def broken() -> socket.socket:
            found = listens[0]()
            found.close()
            return found

        one = kept(broken)
        one.start()
        for _ in range(2):
            await asyncio.sleep(0.5)
            with pytest.raises(NabijError, match="because of a fault"):
                one.look()
        await one.stop()

    asyncio.run(life())


def test_one_that_is_stopped_is_no_trouble() -> None:
    async def life() -> None:
        one = kept(at(free_port()))
        await one.stop()
        one.start()
        await one.stop()
        one.look()
        await one.stop()

    asyncio.run(life())
