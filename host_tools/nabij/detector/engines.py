"""Loads the badge's detector kernel for the host: as it is, or compiled by numba."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, evidence, posture

Kernel = Callable[[Any, Any, int, Any], int]

ENGINES = ("cpython", "numba")
# Each calls only what stands before it.
KERNEL_MODULES = (posture, evidence, detect)


def step_block(engine: str = "numba") -> Kernel:
    """Return `step_block(state, samples, n, params)` of one of ENGINES.

    cpython takes sequences (lists are fastest), numba the arrays of new_state, words and params.
    """
    if engine == "cpython":
        return cast("Kernel", detect.step_block)
    if engine == "numba":
        return cast("Kernel", compile_kernels()["step_block"])
    raise ValueError(f"Engine {engine!r} is unknown; use one of {', '.join(ENGINES)}.")


@functools.cache
def compile_kernels() -> dict[str, Any]:
    """Return the names of badge.core.detector.detect with every kernel compiled by numba.

    The kernels can also be called from other numba functions. Machine code is cached on disk.
    """
    compiled: dict[FunctionType, Any] = {}
    names: dict[str, Any] = {}
    for module in KERNEL_MODULES:
        # Built anew so that a kernel finds the compiled, not the plain, kernels it calls.
        names = {
            name: compiled.get(value, value) if isinstance(value, FunctionType) else value
            for name, value in vars(module).items()
        }
        for name, value in vars(module).items():
            own = isinstance(value, FunctionType) and value.__module__ == module.__name__
            if own and "return" in value.__annotations__:
                names[name] = compiled[value] = compile_cached(value, names)
        # Who calls stands above whom it calls.
        for kernel in reversed(list(compiled.values())):
            _type_inner(kernel)
    return names


def _type_inner(kernel: Any) -> None:
    """Compile for the state and integers what is called with nothing else, and by kernels only.

    Else it is compiled for each mixture of widths that its callers have: 12 s for 6.
    """
    takes = kernel.py_func.__code__.co_varnames[: kernel.py_func.__code__.co_argcount]
    if "params" not in takes and not kernel.signatures:
        types = ("int32[::1]" if one == "state" else "int64" for one in takes)
        kernel.compile(f"int64({', '.join(types)})")
        kernel.disable_compile()


def compile_cached(function: FunctionType, names: dict[str, Any]) -> Any:
    """Compile a function that calls kernels, with the given globals."""
    # numba's cache does not notice that a called function has changed, but it goes by the name.
    name = f"{function.__name__}_{_kernel_hash()}"
    plain = FunctionType(function.__code__, names, name)
    plain.__qualname__ = name
    return numba.njit(cache=True, nogil=True)(plain)


@functools.cache
def _kernel_hash() -> str:
    digest = hashlib.sha256()
    for module in KERNEL_MODULES:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:12]


def new_state() -> NDArray[np.int32]:
    """Return the state of a detector just switched on, int32[STATE_WORDS]."""
    state = np.zeros(detect.STATE_WORDS, np.int32)
    detect.reset(state)
    return state


def words(acc: NDArray[np.int16]) -> NDArray[np.uint16]:
    """Return N x 3 int16 milli-g as the kernel's flat uint16 view; copies only if it must."""
    if acc.ndim != 2 or acc.shape[1] != 3 or acc.dtype != np.int16:
        raise ValueError(f"A trace is N x 3 int16 milli-g, not {acc.dtype} {acc.shape}.")
    return np.ascontiguousarray(acc).view(np.uint16).reshape(-1)
