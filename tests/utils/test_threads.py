from __future__ import annotations

import os
import sys
import threading

import pytest

from utils.threads import give_way


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows priorities of threads")
def test_a_thread_gives_way_and_the_others_do_not() -> None:
    seen: list[int] = []
    before = os.getpriority(os.PRIO_PROCESS, 0)

    def work() -> None:
        give_way()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
    assert seen == [max(before, 10)]
