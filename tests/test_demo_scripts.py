"""Scripts, played by the demo as somebody types it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from playground.demo.script.chromium import installed

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "playground" / "demo" / "scripts"
WITHIN = 240.0

Play = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Plays steps; gives the status, what was printed, and the transcript."""

    async def run(*steps: dict[str, Any]) -> tuple[int, str, str]:
        script = tmp_path / "script.json"
        script.write_text(json.dumps({"title": "A script", "steps": steps}), "utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "main.py"), "demo", "--script", str(script), "--out", "made"),
            cwd=tmp_path,
            env=kept,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(WITHIN):
            out, _ = await process.communicate()
        return process.returncode or 0, out.decode(), _text(tmp_path / "made" / "transcript.md")

    return run


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


async def test_the_smoke_test_holds_and_is_written_down(play: Play) -> None:
    steps = json.loads((SCRIPTS / "smoke.json").read_text("utf-8"))["steps"]
    steps = [step for step in steps if "screenshot" not in step]
    status, said, transcript = await play(*steps)
    assert status == 0, said
    assert f"All {len(steps)} steps were played" in said
    assert "- types `/generate prompt: a red fox in the snow width: 768 height: 512 seed: 7`" in transcript
    assert "  file: png, 768 × 512" in transcript
    assert "- fills in “Edit prompt” (Prompt: a red fox at night) and sends it" in transcript
    assert "The message “drawing” is gone." in transcript
    assert "  ComfyUI cannot be reached; try again when it is back." in transcript
    assert re.search(r"\d{15}|\d\d:\d\d|http|\d s\b", transcript) is None


async def test_a_step_that_does_not_work_ends_it_with_its_number_and_what_was_seen(play: Play) -> None:
    status, said, transcript = await play(
        {"as": "ben", "in": "pictures", "slash": "help"},
        {"wait": {"text": "nonsense"}, "within": 0.5},
        {"say": "never"},
    )
    failure = said.splitlines()[-1]
    assert status == 1
    assert failure.startswith('Step 2 (wait {"text": "nonsense"}) failed: not within 0.5 s: seen was ["disbot: ')
    assert "/generate" in failure
    assert f"**{failure}**" in transcript
    assert "never" not in transcript


@pytest.mark.skipif(
    find_spec("playwright") is None or installed() is None, reason="screenshots need Playwright and Chromium"
)
async def test_a_screenshot_is_a_picture_of_the_page(play: Play, tmp_path: Path) -> None:
    status, said, transcript = await play(
        {"as": "ada", "in": "general", "say": "hello"},
        {"screenshot": "hello", "size": [640, 480], "scheme": "light", "alt": "Ada says hello"},
        {"as": "ben", "screenshot": "dark", "typed": "/he"},
    )
    assert status == 0, said
    with Image.open(tmp_path / "made" / "hello.webp") as light, Image.open(tmp_path / "made" / "dark.webp") as dark:
        assert light.size == (640, 480)
        brightness = [sum(picture.convert("L").resize((1, 1)).tobytes()) for picture in (light, dark)]
    assert brightness[0] > 128 > brightness[1]
    assert "![Ada says hello](hello.webp)" in transcript
