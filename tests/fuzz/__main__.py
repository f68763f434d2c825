"""`make fuzz`: a million inputs for each target, or as many as are asked for."""

import argparse
import sys
import time

from tests.fuzz import campaign
from tests.fuzz.targets import TARGETS

INPUTS = 1_000_000


def main() -> int:
    """Feed the targets one after the other; 1 when one did not bear an input."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=INPUTS, help="for each target")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"there is no target {min(unknown)}; there are {', '.join(TARGETS)}")
    if options.inputs < 1 or options.first < 0:
        parser.error("--inputs is at least 1, and --first at least 0")
    found = 0
    for name in options.targets or TARGETS:
        found += not _borne(name, options.first, options.inputs)
    return 1 if found else 0


def _borne(name: str, first: int, count: int) -> bool:
    began_s, cpu_s = time.monotonic(), campaign.cpu_s()

    def tell(fed: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}: {fed:,} of {count:,}", end="", file=sys.stderr, flush=True)

    bad = campaign.feed(name, first, count, fed=tell)
    if bad is not None:
        path = campaign.keep(bad)
        print(f"\n{bad}\n  kept as {path}, which the tests feed from now on", flush=True)
        return False
    print(
        f"\r{name}: seeds {first:,} to {first + count - 1:,} borne "
        f"({TARGETS[name].what}; {campaign.cpu_s() - cpu_s:.0f} s of CPU, "
        f"{time.monotonic() - began_s:.0f} s)",
        flush=True,
    )
    return True


if __name__ == "__main__":
    raise SystemExit(main())
