"""The real bot on a machine whose clock is wrong: `CLOCK_SKEW_S` seconds ahead.

What no time server sets, the monotonic clock, goes on as it does.
"""

import os
import sys
import time

from bot.__main__ import main


def _skew(seconds: float) -> None:
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_time_ns() + round(seconds * 1e9)


if __name__ == "__main__":
    _skew(float(os.environ.get("CLOCK_SKEW_S", "0")))
    sys.argv[1:] = ["run", *sys.argv[1:]]
    main()
