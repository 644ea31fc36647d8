"""Threads beside an event loop."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

_LATER = 10


def give_way() -> None:
    """Have this thread run when nothing else wants the processor: people wait for the event loop, not for it.

    Only Linux knows priorities of threads; elsewhere nothing happens. There is no way back.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(_LATER, os.getpriority(os.PRIO_PROCESS, thread)))
