"""A process that ends others when their parent is gone, however it went.

Run by the demo as a file of its own, with a pipe of the demo's as stdin: a line ``+PID`` names a process to be ended
when the pipe does, ``-PID`` one that has ended. No signal of a terminal reaches it, so it is the last to leave.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

#: Seconds that a process has to leave by itself, and between two looks.
PATIENCE, EVERY = 6.0, 0.05
#: Windows has no SIGKILL, and needs none: there SIGTERM is as hard.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def main() -> None:
    kept: set[int] = set()
    for line in sys.stdin:
        sign, pid = line[0], int(line[1:])
        (kept.add if sign == "+" else kept.discard)(pid)
    end(kept)


def end(pids: Iterable[int]) -> None:
    """Ask each to leave, and see to it that it does."""
    left = {pid for pid in pids if told(pid, signal.SIGTERM)}
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        time.sleep(EVERY)
        left = {pid for pid in left if os.name != "nt" and told(pid, 0)}
    for pid in left:
        told(pid, KILL)


def told(pid: int, number: int) -> bool:
    """Send a signal; False when nobody is there."""
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
