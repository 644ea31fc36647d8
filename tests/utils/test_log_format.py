from __future__ import annotations

import logging
import sys
from pathlib import Path

import orjson
import pytest

from config.models import LoggingConfig
from utils.language import phrase, speaking
from utils.logging import get_logger, register_secret, setup_logging

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs-abc_12345"
pytestmark = pytest.mark.usefixtures("root", "plain_terminal")


def console(level: str = "INFO") -> LoggingConfig:
    return LoggingConfig.model_validate({"level": level, "file": None})


def json_lines() -> LoggingConfig:
    return LoggingConfig(file=None, format="json")


def fail(message: str) -> None:
    try:
        {}["inner"]
    except KeyError as exc:
        raise RuntimeError(message) from exc


# Lines


def test_a_line_has_time_level_event_logger_and_values(output) -> None:
    setup_logging(console())
    get_logger("core.test").info("prompt queued", seed=0, prompt_id="p1", words="a red fox")
    (line,) = output.text().splitlines()
    assert line[4] == line[7] == "-"
    for part in ("[info", "prompt queued", "[core.test]", "seed=0 prompt_id=p1 words='a red fox'"):
        assert part in line


def test_other_libraries_come_out_the_same(output) -> None:
    setup_logging(console())
    logging.getLogger("discord.gateway").warning("shard %d is late", 0)
    line = output.text()
    assert "[warning" in line
    assert "shard 0 is late" in line
    assert "[discord.gateway]" in line


def test_the_level_holds(output) -> None:
    setup_logging(console("WARNING"))
    get_logger("core.test").info("unheard")
    assert output.text() == ""
    setup_logging(console("DEBUG"))
    get_logger("core.test").debug("heard")
    assert "heard" in output.text()


def test_an_error_without_its_exception_has_no_traceback(output) -> None:
    setup_logging(console())
    try:
        fail("expected")
    except RuntimeError as exc:
        get_logger("core.test").warning("job failed", error=exc)
    assert len(output.text().splitlines()) == 1


def test_an_exception_is_logged_whole(output) -> None:
    setup_logging(console())
    try:
        fail("unforeseen")
    except RuntimeError:
        get_logger("core.test").exception("job broken")
    text = output.text()
    assert "KeyError: 'inner'" in text
    assert "The above exception was the direct cause" in text
    assert text.rstrip().endswith("RuntimeError: unforeseen")


def test_json_lines(output) -> None:
    setup_logging(json_lines())
    get_logger("core.test").info("prompt queued", seed=2**64 - 1, at=Path("out") / "a.png", sizes=(1, 2), kind={"a"})
    try:
        fail("unforeseen")
    except RuntimeError:
        get_logger("core.test").exception("job broken\nbadly")
    queued, broken = output.objects()
    assert str(queued.pop("timestamp")).endswith("Z")
    assert queued == {
        "level": "info",
        "event": "prompt queued",
        "logger": "core.test",
        "seed": 2**64 - 1,
        "at": str(Path("out") / "a.png"),
        "sizes": [1, 2],
        "kind": ["a"],
    }
    assert broken["event"] == "job broken\nbadly"
    assert str(broken["exception"]).endswith("RuntimeError: unforeseen")


def test_a_value_cannot_pass_for_what_every_line_has(output) -> None:
    setup_logging(json_lines())
    get_logger("core.test").info("real", event="forged", logger="forged", timestamp="forged")
    (line,) = output.objects()
    assert (line["event"], line["logger"]) == ("real", "core.test")
    assert line["timestamp"] != "forged"


def test_what_a_terminal_would_obey_is_made_visible(output) -> None:
    setup_logging(console())
    get_logger("core.test").info("asked", prompt="\x1b[2Jfox", other="a\tb")
    text = output.text()
    assert "\x1b" not in text
    assert r"\x1b[2Jfox" in text


# Colours


def test_colours_are_for_terminals(output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    setup_logging(console())
    get_logger("core.test").info("queued")
    assert "\x1b[" in output.text()
    monkeypatch.setenv("NO_COLOR", "1")
    setup_logging(console())
    get_logger("core.test").info("queued")
    assert "\x1b[" not in output.text()


def test_a_coloured_traceback_is_whole_and_has_no_secret(output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    setup_logging(console())
    try:
        fail(f"{TOKEN} " + "x" * 200)
    except RuntimeError:
        get_logger("core.test").exception("job broken")
    text = output.text()
    assert "\x1b[" in text
    assert "x" * 200 in text
    assert "inner" in text
    assert "MTk4" not in text
    assert "ZnCj" not in text


# Secrets


@pytest.mark.parametrize("make", [console, json_lines])
def test_no_secret_in_any_part_of_a_line(output, make) -> None:
    class Holder:
        def __repr__(self) -> str:
            return "Holder(s3cret-value)"

    register_secret("s3cret-value")
    setup_logging(make())
    log = get_logger("core.test")
    log.info("event s3cret-value", plain="s3cret-value", nested={"s3cret-value": ["s3cret-value"]}, held=Holder())
    logging.getLogger("aiohttp.client").info("GET %s", "http://h/?token=s3cret-value")
    logging.getLogger("discord.http").info("token %s at http://me:s3cr@h", TOKEN)
    try:
        fail("s3cret-value")
    except RuntimeError:
        logging.getLogger("asyncio").exception("failed: s3cret-value")
    text = output.text()
    assert text.count("[redacted]") >= 10
    assert "s3cret-value" not in text
    assert "s3cr@" not in text
    assert TOKEN not in text


@pytest.mark.parametrize("make", [console, json_lines])
def test_a_text_in_any_language_is_logged_as_it_reads_in_english(output, make) -> None:
    setup_logging(make())
    register_secret("a-secret-of-mine")
    with speaking("de"):
        get_logger("core.test").warning("job failed", error=phrase("It says {what}.", what="a-secret-of-mine"), n=1)
    line = output.text()
    assert "It says [redacted]." in line
    assert "Phrase" not in line


def test_what_is_sent_as_json_is_the_english_text() -> None:
    text = phrase("It says {what}.", what=2.0)
    assert orjson.dumps({"a": text, "b": [text]}) == b'{"a":"It says 2.","b":["It says 2."]}'
