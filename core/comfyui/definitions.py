"""Node definitions, kept on disk for when the server is away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from utils.files import write_atomically
from utils.logging import get_logger

log = get_logger(__name__)

FILE = "object_info.json"


class DefinitionStore:
    """The answer of ``/object_info`` as the server gave it last.

    Args:
        folder: where it is kept; made when there is something to keep.
    """

    def __init__(self, folder: str | Path) -> None:
        self._path = Path(folder) / FILE

    def read(self) -> Mapping[str, Any] | None:
        """What is kept; None when there is nothing, or nothing that can be read."""
        try:
            kept = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        return kept if isinstance(kept, dict) else None

    def write(self, definitions: Mapping[str, Any]) -> None:
        """Keep it. What can't be kept costs a wait for the server next time, no more."""
        try:
            write_atomically(self._path, orjson.dumps(definitions))
        except (OSError, TypeError) as exc:  # TypeError: nested deeper than can be written
            log.warning("node definitions not kept", detail=repr(exc))
