"""Screenshots, as far as they go without a browser."""

from __future__ import annotations

import sys

import pytest

from playground.demo.errors import DemoError
from playground.demo.script.camera import open_camera


async def test_without_playwright_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(DemoError, match="Screenshots need Playwright"):
        async with open_camera("http://127.0.0.1:9"):
            pass


async def test_without_chromium_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright.async_api")
    monkeypatch.setattr("playground.demo.script.camera.shutil.which", lambda name: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nonexistent")
    with pytest.raises(DemoError, match="Screenshots need Chromium"):
        async with open_camera("http://127.0.0.1:9"):
            pass
