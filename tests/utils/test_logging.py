from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from config.models import LoggingConfig
from utils.logging import get_logger, setup_logging

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs-abc_12345"
pytestmark = pytest.mark.usefixtures("root", "plain_terminal")


def console(level: str = "INFO") -> LoggingConfig:
    return LoggingConfig.model_validate({"level": level, "file": None})


# Loggers


def test_a_logger_works_before_anything_is_set_up(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        get_logger("core.test").info("prompt %s queued", "p1", node=3)
    (record,) = caplog.records
    assert record.getMessage() == "prompt p1 queued"
    assert record.name == "core.test"
    assert record.funcName == "test_a_logger_works_before_anything_is_set_up"
    assert vars(record)["fields"] == {"node": 3}


def test_standard_arguments_stay_what_they_are(caplog: pytest.LogCaptureFixture) -> None:
    get_logger("core.test").error("broken", exc_info=ValueError("why"), extra={"shard": 1}, node=3)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError
    assert vars(record)["shard"] == 1
    assert vars(record)["fields"] == {"node": 3}


def test_bound_values_are_on_every_line(caplog: pytest.LogCaptureFixture) -> None:
    log = get_logger("core.test")
    bound = log.bind(job="j1", user=7).bind(user=8)
    bound.warning("one", node=3)
    bound.warning("two", user=9)
    log.warning("three")
    assert [vars(record)["fields"] for record in caplog.records] == [
        {"job": "j1", "user": 8, "node": 3},
        {"job": "j1", "user": 9},
        {},
    ]


# Handlers


def test_calling_it_twice_logs_once(output, tmp_path: Path, root) -> None:
    before = len(root.handlers)
    for _ in range(3):
        setup_logging(LoggingConfig(file=str(tmp_path / "bot.log")))
    get_logger("core.test").info("once")
    assert len(root.handlers) == before + 2
    assert output.text().count("once") == 1
    assert (tmp_path / "bot.log").read_text().count("once") == 1


def test_handlers_of_others_stay(root) -> None:
    other = logging.NullHandler()
    root.addHandler(other)
    setup_logging(console())
    setup_logging(console())
    assert other in root.handlers


def test_stderr_is_looked_up_for_every_line(output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    setup_logging(console())
    with (tmp_path / "replaced").open("w+") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        get_logger("core.test").info("there")
    get_logger("core.test").info("here")
    assert "there" in (tmp_path / "replaced").read_text()
    assert "there" not in output.text()


@pytest.mark.parametrize("form", ["console", "json"])
def test_the_file_gets_the_same_without_colours(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = tmp_path / "new" / "logs" / "bot.log"
    setup_logging(LoggingConfig.model_validate({"file": str(path), "format": form}))
    get_logger("core.test").info("größer", token=TOKEN, odd="\ud800")
    text = path.read_text("utf-8")
    assert "\x1b[" not in text
    assert TOKEN not in text
    if form == "json":
        assert json.loads(text)["event"] == "größer"
    else:
        assert "größer" in text


def test_the_file_is_replaced_before_it_grows_too_large(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    path.write_bytes(b"x" * (10 * 2**20))
    setup_logging(LoggingConfig(file=str(path)))
    get_logger("core.test").info("fresh")
    assert "fresh" in path.read_text("utf-8")
    assert path.stat().st_size < 1_000
    assert (tmp_path / "bot.log.1").stat().st_size == 10 * 2**20


def test_a_file_that_cannot_be_written_leaves_the_console(tmp_path: Path, output) -> None:
    (tmp_path / "logs").write_text("not a folder")
    setup_logging(LoggingConfig(file=str(tmp_path / "logs" / "bot.log")))
    get_logger("core.test").info("still here")
    text = output.text()
    assert "cannot write the log file" in text
    assert "still here" in text


def test_without_a_file_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    setup_logging(console())
    get_logger("core.test").info("queued")
    assert list(tmp_path.iterdir()) == []
