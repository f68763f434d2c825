"""Runs under MicroPython: plays the cases of a file through the variants of the kernel."""

import gc
import hashlib
import struct
import time
from array import array

from sim import engine


def _array(kind, data):
    out = array(kind)
    out.extend(array(kind, data))
    return out


def play_all(path, firmware_dir):
    """Print `variant digest events largest-word` for every case of the file and variant."""
    with open(path, "rb") as file:
        (count,) = struct.unpack("<I", file.read(4))
        cases = [_read_case(file) for _ in range(count)]
    for variant in engine.VARIANTS:
        kernel = _kernel(firmware_dir, variant)
        for case in cases:
            print(variant, *_play(kernel, *case))


def bench(path, firmware_dir, repeats):
    """Print `variant ns-per-sample` of the best of several runs over the first case's samples."""
    with open(path, "rb") as file:
        file.read(4)
        _, params, samples, _ = _read_case(file)
    n = len(samples) // 3
    for variant in engine.VARIANTS:
        kernel = _kernel(firmware_dir, variant)
        best_us = None
        for _ in range(repeats):
            state = array("i", [0] * kernel.STATE_WORDS)
            kernel.reset(state)
            start_us = time.ticks_us()
            kernel.step_block(state, samples, n, params)
            took_us = time.ticks_diff(time.ticks_us(), start_us)
            best_us = took_us if best_us is None else min(best_us, took_us)
        print(variant, best_us * 1000 / n)


def allocated(path):
    """Print the bytes per block left allocated by the shipped ring and kernel, and the blocks."""
    from badge.core.detector import detect
    from badge.core.detector.ring import MotionRing

    with open(path, "rb") as file:
        file.read(4)
        _, params, samples, _ = _read_case(file)
    chunk = 2 * detect.BLOCK_SAMPLES
    view = memoryview(samples)
    starts = range(0, len(samples) - 3 * chunk + 1, 3 * chunk)
    chunks = [array("H", view[at : at + 3 * chunk]) for at in starts]
    state = array("i", [0] * detect.STATE_WORDS)
    ring = MotionRing(256)
    window = array("H", bytes(6 * 104))
    print(_allocated_by(detect, ring, window, state, chunks, params) / (2 * len(chunks)))
    print(2 * len(chunks))


def _allocated_by(detect, ring, window, state, chunks, params):
    detect.reset(state)
    n = 2 * detect.BLOCK_SAMPLES
    before = after = 0
    # Without collections in between, whatever is allocated stays counted.
    gc.collect()
    gc.disable()
    for _ in range(2):  # the first round pays for what the interpreter does only once
        before = gc.mem_alloc()
        for chunk in chunks:
            ring.write(chunk, n)
            detect.step_block(state, chunk, n, params)
        ring.mark_gap(3)
        ring.copy_last(window, 104)
        after = gc.mem_alloc()
    gc.enable()
    return after - before


def _kernel(firmware_dir, variant):
    return engine.replace(variant, firmware_dir, engine.DETECTOR)


def _read_case(file):
    clock, n_params, n_chunks, n_words = struct.unpack("<4I", file.read(16))
    params = _array("i", file.read(4 * n_params))
    chunks = _array("H", file.read(2 * n_chunks))
    samples = _array("H", file.read(2 * n_words))
    return clock, params, samples, chunks


def _play(kernel, clock, params, samples, chunks):
    state = array("i", [0] * kernel.STATE_WORDS)
    kernel.reset(state)
    state[kernel.S_CLOCK] = clock
    digest = hashlib.sha256()
    seen = 0
    at = 0
    for n in chunks:
        events = kernel.step_block(state, samples[at : at + 3 * n], n, params)
        at += 3 * n
        seen |= events
        digest.update(bytes([events]))
        digest.update(state)
    return "".join("%02x" % b for b in digest.digest()), seen, max(state)
