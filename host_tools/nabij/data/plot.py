"""A picture of one recording: magnitude and axes over time."""

import io
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nabij.data.bundles import Trial, samples_104
from nabij.data.rest import sizes
from nabij.detector.sampling import BADGE_RATE_HZ
from nabij.errors import NabijError, UsageError
from nabij.paths import STANDARD_OUTPUT, write_output

_PNG: Final = ".png"
_KINDS: Final = (_PNG, ".svg", ".pdf")
# About two to a pixel of the picture.
_STRETCHES: Final = 2000
Values = npt.NDArray[np.float64]


def draw(trial: Trial, file: Path) -> None:
    """Draw a recording into a PNG (or SVG, PDF); `-` is a PNG on standard output.

    UsageError for a name that is no picture's, NabijError when it cannot be written.
    """
    suffix = _PNG if str(file) == STANDARD_OUTPUT else file.suffix.casefold()
    if suffix not in _KINDS:
        raise UsageError(f"{file} is not a picture: name it .png.")
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise NabijError(f"A picture needs {error.name}: run pip install 'nabij[qa]'.") from error
    recorded = trial.samples.astype(np.float64) / 1000
    badge = samples_104(trial).astype(np.float64) / 1000
    t_s = np.arange(len(recorded)) / trial.rate_hz
    badge_t_s = np.arange(len(badge)) / BADGE_RATE_HZ
    figure = Figure(figsize=(11, 6), layout="constrained")
    FigureCanvasAgg(figure)
    top, bottom = figure.subplots(2, 1, sharex=True)
    size, badge_size = sizes(recorded), sizes(badge)
    top.plot(*envelope(t_s, size), lw=0.8, color="0.7", label="as recorded")
    top.plot(*envelope(badge_t_s, badge_size), lw=0.8, label="at the badge's 104 Hz")
    top.axhline(1, lw=0.5, color="0.5")
    top.set_ylabel("|a| (g)")
    for axis, name in enumerate("xyz"):
        bottom.plot(*envelope(badge_t_s, badge[:, axis]), lw=0.8, label=name)
    bottom.set_ylabel("axes (g)")
    bottom.set_xlabel("time (s)")
    for plot in (top, bottom):
        for moment in ("fall_start_s", "fall_end_s"):
            at_s = _seconds(trial.extra.get(moment, ""))
            if at_s is not None:
                plot.axvline(at_s, lw=0.8, ls="--", color="0.3")
        plot.legend(loc="upper right", frameon=False)
        plot.margins(x=0)
    kind = "fall" if trial.is_fall else "no fall"
    figure.suptitle(
        f"{trial.bundle} {trial.trial_id}: {trial.activity} ({kind})\n"
        f"{trial.subject}, {trial.placement}, {trial.rate_hz:g} Hz"
    )
    picture = io.BytesIO()
    figure.savefig(picture, dpi=110, format=suffix[1:])
    write_output(file, picture.getvalue())


def envelope(t_s: Values, values: Values) -> tuple[Values, Values]:
    """At most some thousand points with every spike: the least and the largest of each stretch."""
    stretch = -(-len(values) // _STRETCHES)
    if stretch <= 2:
        return t_s, values
    whole = len(values) // stretch * stretch
    rows = values[:whole].reshape(-1, stretch)
    pairs = np.column_stack([rows.min(axis=1), rows.max(axis=1)]).ravel()
    rest = [values[whole:].min(), values[whole:].max()] if whole < len(values) else []
    starts = t_s[::stretch]
    return np.repeat(starts, 2), np.concatenate([pairs, rest])


def _seconds(text: str) -> float | None:
    """What an optional column of the index says, if it is a number."""
    try:
        return float(text)
    except ValueError:
        return None
