"""Sentences for whoever started the demo."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def say(sentence: str) -> None:
    """Print a line, or nothing where nobody reads any more: a terminal may be closed under it."""
    try:
        print(sentence, flush=True)
    except OSError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the program ends
