"""Frames of the BMA423: whatever lies between them, each sample is kept once and in its turn."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mp import run_mp

_OTHERS = {0x40: 1, 0x48: 1, 0x50: 1, 0x44: 3}
_FRAMES = st.lists(
    st.one_of(
        st.integers(0, 200).map(lambda n: [0x84, *[n] * 6]),
        st.tuples(st.sampled_from(sorted(_OTHERS)), st.integers(0, 255)).map(
            lambda one: [one[0], *[one[1]] * _OTHERS[one[0]]]
        ),
    ),
    max_size=30,
)


def closed_up(streams: list[list[int]]) -> Any:
    return json.loads(
        run_mp(f"""
import json
from array import array
from badge.drivers.bma423_frames import close_up
skipped = array("i", [0])
out = []
for stream in {streams!r}:
    data = bytearray(stream)
    n = close_up(data, len(data), skipped)
    out.append([n, list(data[: 7 * n]), skipped[0], [data[i] for i in range(7 * n, len(data), 7)]])
print(json.dumps(out))
""")
    )


@given(st.lists(st.tuples(_FRAMES, st.integers(0, 6)), min_size=40, max_size=40))
@settings(max_examples=5)
def test_samples_are_kept_the_rest_taken_out_and_what_is_cut_off_left(
    drawn: list[tuple[list[list[int]], int]],
) -> None:
    streams = [
        [*chain(*frames), 0x84, *[9] * cut][: sum(map(len, frames)) + cut] for frames, cut in drawn
    ]
    for (frames, _), (n, kept, skipped, rest) in zip(drawn, closed_up(streams), strict=True):
        samples = [frame for frame in frames if frame[0] == 0x84]
        assert n == len(samples)
        assert kept == [*chain(*samples)]
        assert skipped == sum(frame[1] for frame in frames if frame[0] == 0x40)
        # No header is heard twice.
        assert set(rest) <= {0}


def test_an_unknown_header_stays_to_be_counted_as_bad_and_the_end_is_the_end() -> None:
    sample = [0x84, 1, 2, 3, 4, 5, 6]
    spoilt = [0x04, *sample[1:]]
    bad, end, all_end = closed_up(
        [[*sample, *spoilt, *sample], [*sample, *[0x80] * 14], [0x80] * 7]
    )
    assert bad[:2] == [3, [*sample, *spoilt, *sample]]
    assert end[:2] == [1, sample]
    assert all_end[0] == 0
