"""What a line of the log looks like. Imports structlog, so it is imported only when logging is set up."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

from utils.redaction import redact

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
"""What a terminal would obey, made visible: users write some of the texts that are logged."""


def text_lines(*, in_colour: bool) -> ProcessorFormatter:
    """Format for people: time, level, event, logger and values in a line, then the whole traceback if there is one."""
    renderer = ConsoleRenderer(colors=in_colour, exception_formatter=plain_traceback, sort_keys=False)
    stamp = TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)
    return _formatter(stamp, *([_colour_traceback] if in_colour else []), renderer)


def json_lines() -> ProcessorFormatter:
    """Format for programs: one JSON object a line, with the time in UTC."""
    return _formatter(TimeStamper(fmt="iso", utc=True), JSONRenderer())


def is_colourful() -> bool:
    """Tell whether stderr is a terminal that shows colours, and nobody asked for none (``NO_COLOR``)."""
    from rich.console import Console

    console = Console(stderr=True)
    # On Windows structlog needs one more package for colours.
    return console.color_system is not None and not console.no_color and sys.platform != "win32"


def _formatter(stamp: Processor, *render: Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        processors=[
            _add_fields,
            add_log_level,
            add_logger_name,
            stamp,
            format_exc_info,
            ProcessorFormatter.remove_processors_meta,
            _redact_all,
            *render,
        ]
    )


def _add_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    fields = getattr(event["_record"], "fields", None)
    return {**fields, **event} if isinstance(fields, Mapping) else event


def _redact_all(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _without_secrets(value) for name, value in event.items()}


def _without_secrets(value: Any) -> Any:
    """Rebuild a value of plain types alone, since any other object's repr may hold a secret."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value).translate(_CONTROLS)
        case PurePath():
            return redact(str(value))
        case Mapping():
            return {redact(str(name)): _without_secrets(member) for name, member in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_without_secrets(member) for member in value]
        case _:
            return redact(repr(value))


def _colour_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # After the redaction: colours would cut a secret into pieces. Not wrapped, so that it can be copied whole.
    if "exception" in event:
        from rich.console import Console
        from rich.syntax import Syntax

        console = Console(force_terminal=True, color_system="standard")
        with console.capture() as captured:
            text = Syntax("", "pytb", theme="ansi_dark").highlight(event["exception"])
            console.print(text, soft_wrap=True, end="")
        event["exception"] = captured.get().rstrip()
    return event
