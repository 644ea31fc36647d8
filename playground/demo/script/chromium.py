"""Chromium: where it is, and how it is started where nobody sits before it."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    # Chromium's sandbox is not for root, which is who runs in a container.
    *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
)


def installed() -> str | None:
    """The path of one that is installed; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
