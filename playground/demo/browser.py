"""The user's own browser."""

from __future__ import annotations

import os
import sys
import threading


def open_page(address: str) -> bool:
    """Open the page beside everything else; False where no window can be."""
    windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if windows:
        threading.Thread(target=_open, args=(address,), name="demo-browser", daemon=True).start()
    return windows


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
