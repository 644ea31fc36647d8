"""Logging: the standard library's loggers, rendered by structlog, without a secret in any line.

Modules write ``log = get_logger(__name__)`` and ``log.info("prompt queued", prompt_id=…)``. Until
:func:`setup_logging` was called, that goes where the program that imports them sends its own log.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from utils.redaction import register_secret

if TYPE_CHECKING:
    from config.models import LoggingConfig

__all__ = ["Logger", "get_logger", "register_secret", "setup_logging"]

_OWN = "discomfy."
"""How the names of the handlers begin that :func:`setup_logging` installs, and replaces when it is called again."""

_FILE_BYTES = 10 * 2**20
_FILES_KEPT = 5
_STANDARD = frozenset({"exc_info", "stack_info", "stacklevel", "extra"})


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A standard logger that takes named values: ``log.warning("socket lost", url=url, attempt=2)``.

    The values end up in the record's ``fields``. ``level`` and ``msg`` cannot be names of values.
    """

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        standard = {name: value for name, value in kwargs.items() if name in _STANDARD}
        fields = {name: value for name, value in kwargs.items() if name not in _STANDARD}
        standard["extra"] = {**standard.get("extra", {}), "fields": {**(self.extra or {}), **fields}}
        return msg, standard

    def bind(self, **fields: object) -> Logger:
        """Return a logger that adds these values to every line."""
        return Logger(self.logger, {**(self.extra or {}), **fields})


def get_logger(name: str) -> Logger:
    """Return the logger of a module; nothing needs to be set up, and nothing heavy is imported."""
    return Logger(logging.getLogger(name), {})


def setup_logging(config: LoggingConfig) -> None:
    """Send the log of the whole process to stderr and, if one is named, to a file.

    On a terminal lines are coloured; with ``format="json"`` each is one JSON object. The file is replaced by a new
    one at 10 MiB, and five old ones are kept; its folder is made. If it cannot be written, the console is told so
    and has the log alone. Calling this again replaces what the call before has set up.
    """
    from utils.log_format import is_colourful, json_lines, text_lines

    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if (handler.name or "").startswith(_OWN)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(config.level)

    _install(_StderrHandler(), json_lines() if config.format == "json" else text_lines(in_colour=is_colourful()))
    if config.file is None:
        return
    try:
        handler = _file_handler(Path(config.file))
    except OSError as exc:
        get_logger(__name__).warning("cannot write the log file", file=config.file, reason=exc.strerror)
    else:
        _install(handler, json_lines() if config.format == "json" else text_lines(in_colour=False))


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at the moment: a progress bar puts itself in its place while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _file_handler(path: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    path.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(
        path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", errors="backslashreplace"
    )


def _install(handler: logging.Handler, formatter: logging.Formatter) -> None:
    handler.name = f"{_OWN}{type(handler).__name__}"
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
