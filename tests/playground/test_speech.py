from __future__ import annotations

import os

import pytest

from playground.speech import say


def test_a_line_is_there_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    say("one")
    assert capfd.readouterr().out == "one\n"


def test_where_nobody_reads_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        monkeypatch.setattr("sys.stdout", gone)
        say("one")
        say("two")
