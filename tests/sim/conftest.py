"""What the tests on the virtual badge start from."""

from __future__ import annotations

import pytest

from nabij.data import traces
from nabij.virtual.badge import Trace
from nabij.virtual.body_model import Body


@pytest.fixture(scope="module")
def fall(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """20 s of walking, a fall, and a minute of lying."""
    samples = Body().walk_fall_lie(20.0, 60.0)
    return Trace(traces.write_sim_trace(tmp_path_factory.mktemp("fall") / "fall", samples))
