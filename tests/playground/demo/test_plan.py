from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playground.demo import BotSetup, Plan
from playground.demo.plan import PORT
from playground.demo.run import API
from playground.discord.rest import API as DISCORDS

BOT = BotSetup(("bot",), lambda addresses: {}, {})


def plan(**details: object) -> Plan:
    return Plan(BOT, BOT, Path("data"), **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comfyui", "shown"),
    [
        (None, "demo ComfyUI"),
        ("http://me:secret@host:8188/comfy", "ComfyUI at http://host:8188/comfy"),
        ("https://[::1]:8188", "ComfyUI at https://[::1]:8188"),
    ],
)
def test_no_password_is_shown(comfyui: str | None, shown: str) -> None:
    assert plan(comfyui=comfyui).backend == shown


def test_a_script_takes_a_free_port_unless_one_is_named() -> None:
    script = Path("script.json")
    plans = (plan(), plan(script=script), plan(port=5), plan(port=0), plan(script=script, port=5))
    assert [each.listens_on for each in plans] == [PORT, 0, 5, 0, 5]


def test_the_bot_is_told_the_address_before_the_server_is_imported() -> None:
    assert API == DISCORDS


def test_importing_the_demo_costs_next_to_nothing() -> None:
    """Its children are on their way before anything heavy is imported."""
    code = "import sys, playground.demo; print(*sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "playground.demo.run" in loaded
    assert (
        loaded & {"aiohttp", "PIL", "orjson", "filelock", "playground.discord", "playground.comfyui", "typer"} == set()
    )
