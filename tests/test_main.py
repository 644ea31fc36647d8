"""The command line, as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from PIL import Image

from core.comfyui.definitions import FILE
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer

ROOT = Path(__file__).parents[1]


@dataclass
class Ended:
    """What a run printed, and how it ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Awaitable[Ended]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    async def run_main(*arguments: str, **environment: str) -> Ended:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "main.py"),
            *arguments,
            cwd=tmp_path,
            env={**kept, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    return run_main


async def test_the_demo_makes_a_picture_with_nothing_else_there(run: Run, tmp_path: Path) -> None:
    ended = await run("generate", "a red fox", "--demo", "--steps", "2", "--seed", "5", "--out", "pictures")
    assert ended.status == 0, ended.err
    picture = tmp_path / ended.out.splitlines()[0]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.parent == tmp_path / "pictures"
    assert "seed 5" in ended.out
    assert "demo" in ended.out
    kept = [tmp_path / "data" / folder / FILE for folder in ("", "demo")]
    assert [path.is_file() for path in kept] == [False, True]  # what the demo has, the user's own server may lack


async def test_generate_sends_what_was_asked_for(run: Run) -> None:
    async with ComfyUIServer(draw=False) as server:
        ended = await run(
            *("generate", "a fox", "--workflow", "hidream_lora", "--negative", "rain", "--width", "512"),
            *("--height", "768", "--steps", "3", "--cfg", "4.5", "--seed", "0", "--batch", "2"),
            *("--lora", "a.safetensors:0.5", "--lora", "b.safetensors"),
            COMFYUI_URL=server.url,
        )
        assert ended.status == 1, "the server has no such LoRA"
        server.set_models("loras", ["a.safetensors", "b.safetensors"])
        ended = await run(
            *("generate", "a fox", "--workflow", "hidream_lora", "--negative", "rain", "--width", "512"),
            *("--height", "768", "--steps", "3", "--cfg", "4.5", "--seed", "0", "--batch", "2"),
            *("--lora", "a.safetensors:0.5", "--lora", "b.safetensors"),
            COMFYUI_URL=server.url,
        )
        assert ended.status == 0, ended.err
        (graph,) = server.prompts.values()
    sampler = next(node["inputs"] for node in graph.values() if node["class_type"] == "KSampler")
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (0, 3, 4.5)
    latent = next(node["inputs"] for node in graph.values() if "batch_size" in node["inputs"])
    assert (latent["width"], latent["height"], latent["batch_size"]) == (512, 768, 2)
    texts = {node["inputs"]["text"] for node in graph.values() if node["class_type"] == "CLIPTextEncode"}
    assert texts == {"a fox", "rain"}
    loras = {node["inputs"]["lora_name"]: node["inputs"] for node in graph.values() if "lora_name" in node["inputs"]}
    assert {name: inputs["strength_model"] for name, inputs in loras.items()} == {
        "a.safetensors": 0.5,
        "b.safetensors": 1.0,
    }
    assert len(ended.out.splitlines()) == 3
    assert ended.out.splitlines()[-1] == "seed 0"


async def test_progress_names_the_node(run: Run) -> None:
    ended = await run("generate", "a fox", "--demo", "--steps", "2")
    assert "Flux.1 dev" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (("generate", "a fox", "--width", "500"), "Width must be", 2),
        (("generate", "a fox", "--negative", "rain", "--workflow", "flux_lora"), "has no negative prompt", 2),
        (("generate", "a fox", "--lora", "x:much"), "NAME:STRENGTH", 2),
        (("generate", "a fox", "--workflow", "nothing"), "nothing", 1),
        (("generate", "a fox", "--image", "nothing.png"), "no file nothing.png", 2),
        (("generate", "a fox", "--video", "."), "no file .", 2),
        (("generate", "--workflow", "upscale"), "needs a picture to work on", 2),
        (("generate", "a fox", "--mask", str(Path(__file__))), "takes no mask", 2),
    ],
)
async def test_what_cannot_be_done_is_one_line(run: Run, arguments: tuple[str, ...], said: str, status: int) -> None:
    async with ComfyUIServer(draw=False) as server:
        ended = await run(*arguments, COMFYUI_URL=server.url)
        assert server.accepted == []
        assert server.count("POST", "/upload/image") == 0
    assert ended.status == status
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "Traceback" not in ended.err


async def test_generate_without_comfyui_is_one_line(run: Run) -> None:
    ended = await run("generate", "a fox", COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 1
    assert "ComfyUI cannot be reached" in ended.err
    assert "Traceback" not in ended.err


async def test_the_bot_without_a_token_says_what_to_do(run: Run) -> None:
    ended = await run()
    assert ended.status == 2
    assert "DISCORD_TOKEN" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"comfyui": {"timeout": "soon"}}', "comfyui.timeout"),
        ('{"comfyui": {"timeuot": 3}}', "comfyui.timeuot"),
        ('{"comfyui": ', "line 1"),
    ],
)
async def test_a_wrong_configuration_is_one_line_and_status_2(
    run: Run, tmp_path: Path, content: str, named: str
) -> None:
    (tmp_path / "config.json").write_text(content, "utf-8")
    ended = await run("check")
    assert ended.status == 2
    assert named in ended.err
    assert "config.json" in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_a_token_that_discord_refuses_is_one_line(run: Run) -> None:
    async with DiscordServer() as server:
        ended = await run(DISCORD_TOKEN="wrong-token", DISCORD_API_URL=server.api_url, COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 2
    assert "DISCORD_TOKEN" in ended.err.splitlines()[-1]
    assert "wrong-token" not in ended.err + ended.out
    assert "Traceback" not in ended.err


async def test_check_is_fine_when_everything_is_there(run: Run) -> None:
    async with ComfyUIServer(draw=False) as comfyui, DiscordServer() as server:
        ended = await run("check", COMFYUI_URL=comfyui.url, DISCORD_TOKEN=server.token, DISCORD_API_URL=server.api_url)
    assert ended.status == 0, ended.out + ended.err
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 15
    assert {"Discord", "ComfyUI", "flux_lora", "flux_krea_lora", "hidream_lora"} <= set(
        ended.out.replace(":", "").split()
    )


async def test_check_names_what_is_missing(run: Run) -> None:
    async with ComfyUIServer(draw=False) as comfyui:
        comfyui.set_models("vae", ["other.safetensors"])
        ended = await run("check", COMFYUI_URL=comfyui.url)
    assert ended.status == 1
    assert "DISCORD_TOKEN" in ended.out
    assert 'model file "ae.safetensors" in models/vae' in ended.out


async def test_check_without_comfyui(run: Run) -> None:
    ended = await run("check", COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 1
    assert "COMFYUI_URL" in ended.out


async def test_workflows_lists_what_was_found_and_says_what_check_says(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (tmp_path / "config.json").write_bytes(b"{}")
    (folder / "mine.json").write_bytes((ROOT / "workflows" / "sdxl.json").read_bytes())
    (folder / "broken.json").write_bytes(b"{")
    async with ComfyUIServer(draw=False) as comfyui:
        ended = await run("workflows", COMFYUI_URL=comfyui.url)
        assert ended.status == 0, ended.err
        mine, takes, broken = ended.out.splitlines()
        assert mine.split()[:4] == ["mine", "Mine", "image", "ready:"]
        assert "takes prompt, picture to start from, LoRA, width, height, steps" in takes
        assert broken.split(maxsplit=1) == [
            "broken",
            "not ready: The file broken.json is not valid JSON: save it again.",
        ]
        comfyui.set_models("checkpoints", ["other.safetensors"])
        ended = await run("workflows", COMFYUI_URL=comfyui.url)
        checked = await run("check", COMFYUI_URL=comfyui.url)
    sentence = ended.out.splitlines()[0].partition("not ready: ")[2]
    assert 'lacks model file "sd_xl_base_1.0.safetensors" in models/checkpoints' in sentence
    assert f"missing  workflow mine: {sentence}" in checked.out.splitlines()
    away = await run("workflows", COMFYUI_URL="http://127.0.0.1:9")
    assert away.status == 0
    assert away.out.splitlines()[0].endswith(sentence)


async def test_a_workflow_is_explained(run: Run, tmp_path: Path) -> None:
    ended = await run("workflows", "explain", "sdxl", COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 0, ended.err
    assert "Stable Diffusion XL" in ended.out
    assert ended.out.splitlines()[3].endswith("can be read; what it needs is not known without ComfyUI")
    assert ["range", "1", "to", "50"] in [line.split() for line in ended.out.splitlines()]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "copy.json").write_bytes((ROOT / "workflows" / "sdxl.json").read_bytes())
    ended = await run("workflows", "explain", "elsewhere/copy.json", "--json", COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 0, ended.err
    found = orjson.loads(ended.out)
    assert (found["name"], found["file"], found["type"]) == ("copy", "copy.json", "image")
    steps = next(role for role in found["roles"] if role["role"] == "steps")
    assert steps["parameters"] == ["steps"]
    assert steps["places"][0]["reason"]


async def test_a_refused_workflow_is_explained_and_an_unknown_one_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_bytes(b"{}")
    ended = await run("workflows", "explain", "empty.json", COMFYUI_URL="http://127.0.0.1:9")
    assert ended.status == 0
    assert "This workflow is empty" in ended.out
    ended = await run("workflows", "explain", "nothing", "--json", COMFYUI_URL="http://127.0.0.1:9")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines() == ["There is no workflow and no file 'nothing': choose another one."]


async def test_generate_takes_files_and_whatever_else_a_workflow_can_be_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    shipped = (ROOT / "workflows" / "video_wan_i2v.json").read_bytes()
    (tmp_path / "workflows" / "film.json").write_bytes(shipped)
    Image.new("RGB", (8, 8)).save(tmp_path / "mine.jpg")
    async with ComfyUIServer(draw=False) as server:
        ended = await run(
            *("generate", "it moves", "--workflow", "film", "--image", "mine.jpg", "--length", "49", "--fps", "24"),
            *("--sampler", "Euler", "--scheduler", "beta", "--seed", "3"),
            COMFYUI_URL=server.url,
        )
        assert ended.status == 0, ended.err
        (graph,) = server.prompts.values()
        inputs = {name: value for node in graph.values() for name, value in node["inputs"].items()}
        uploaded = next(node["inputs"]["image"] for node in graph.values() if node["class_type"] == "LoadImage")
        assert (server.input_dir / uploaded).read_bytes() == (tmp_path / "mine.jpg").read_bytes()
        assert uploaded.endswith(".jpg")
    assert (inputs["length"], inputs["fps"], inputs["sampler_name"], inputs["scheduler"]) == (49, 24, "euler", "beta")


async def test_an_enlargement_needs_no_words(run: Run, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "mine.png")
    async with ComfyUIServer(draw=False) as server:
        ended = await run(
            *("generate", "--workflow", "upscale", "--image", "mine.png", "--factor", "4", "--strength", "0.3"),
            COMFYUI_URL=server.url,
        )
        assert ended.status == 0, ended.err
        (graph,) = server.prompts.values()
    inputs = [node["inputs"] for node in graph.values()]
    assert {values["denoise"] for values in inputs if "denoise" in values} == {0.3}


async def test_guidance_and_duration_are_passed_on(run: Run) -> None:
    async with ComfyUIServer(draw=False) as server:
        ended = await run("generate", "a fox", "--guidance", "2.5", COMFYUI_URL=server.url)
        assert ended.status == 0, ended.err
        (graph,) = server.prompts.values()
        assert 2.5 in [node["inputs"].get("guidance") for node in graph.values()]
        ended = await run("generate", "a fox", "--duration", "3", COMFYUI_URL=server.url)
    assert ended.status == 2
    assert "has no seconds" in ended.err


async def test_the_bot_runs_and_answers(run: Run, tmp_path: Path) -> None:
    """The real process: started, asked, answered, ended by SIGTERM."""
    async with ComfyUIServer(draw=False) as comfyui, DiscordServer() as server:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DISCORD_TOKEN": server.token,
            "DISCORD_API_URL": server.api_url,
            "COMFYUI_URL": comfyui.url,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "main.py"), cwd=tmp_path, env=environment, stderr=asyncio.subprocess.PIPE
        )
        try:
            await server.until_connected(timeout=60)
            await server.until(lambda: bool(server.commands), timeout=60)
            reply = await server.user("ada").slash(
                server.channel("general"), "generate", prompt="a fox", workflow="flux_lora"
            )
            await reply.until(lambda message: bool(message.attachments))
        finally:
            process.terminate()
            async with asyncio.timeout(30):
                _, err = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err.decode()
    assert server.token not in err.decode()
    log = (tmp_path / "logs" / "bot.log").read_text("utf-8")
    assert "job finished" in log
    assert server.token not in log
    assert orjson.loads((ROOT / "config.json").read_bytes())["discord"].get("token") is None


async def test_a_lora_without_a_strength_gets_the_configured_one(run: Run) -> None:
    async with ComfyUIServer(draw=False, loras=["fox.safetensors"]) as server:
        ended = await run(
            *("generate", "a fox", "--workflow", "flux_lora", "--lora", "fox.safetensors"),
            COMFYUI_URL=server.url,
            WORKFLOWS__FLUX_LORA__DEFAULTS='{"lora_strength": 0.6}',
        )
        assert ended.status == 0, ended.err
        (graph,) = server.prompts.values()
    inputs = [node["inputs"] for node in graph.values()]
    assert [values["strength_model"] for values in inputs if "lora_name" in values] == [0.6]
