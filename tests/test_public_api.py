"""The public contract: every name exists, and the examples of the reference run as they are written."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

from playground.comfyui import ComfyUIServer

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT.parent / "shared" / "API.md"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Examples write where they stand; configuration comes from the one beside the packages."""
    from config import reset_config

    monkeypatch.chdir(tmp_path)
    for name in ("DISCORD_TOKEN", "COMFYUI_URL", "COMFYUI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    reset_config()
    yield
    reset_config()


class TestClient:
    async def test_initialize_queue_history_download_close(self) -> None:
        from core.comfyui.client import ComfyUIClient

        async with ComfyUIServer(draw=False) as server:
            client = ComfyUIClient(server.url)
            await client.initialize()
            assert await client.test_connection() is True
            workflow = {
                "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
                "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "output"}},
            }
            prompt_id = await client.queue_prompt(workflow)
            await server.wait_for(lambda: prompt_id in server.history)
            history = await client.get_history(prompt_id)
            image = history[prompt_id]["outputs"]["2"]["images"][0]
            data = await client.download_output(filename=image["filename"], subfolder="", output_type="output")
            assert isinstance(data, bytes)
            assert data
            await client.close()

    async def test_queueing_what_is_no_workflow_raises_comfyui_error(self) -> None:
        from core.comfyui.client import ComfyUIClient
        from core.exceptions import ComfyUIError

        async with ComfyUIServer(draw=False) as server, ComfyUIClient(base_url=server.url, timeout=300) as client:
            with pytest.raises(ComfyUIError) as caught:
                await client.queue_prompt({})
            assert caught.value.status_code == 400

    async def test_connection_to_nothing_is_false(self) -> None:
        from core.comfyui.client import ComfyUIClient

        async with ComfyUIServer(draw=False) as server:
            url = server.url
        async with ComfyUIClient(url) as client:
            assert await client.test_connection() is False


def test_image_validator() -> None:
    from core.validators.image import ImageValidator, ValidationResult

    class Attachment:
        filename, size, content_type = "a.PNG", 10, "image/png"

    result = ImageValidator(max_size_mb=25, allowed_extensions=None).validate(Attachment())  # type: ignore[arg-type]
    assert isinstance(result, ValidationResult)
    assert (result.is_valid, result.error_message, result.file_size, result.extension) == (True, None, 10, "png")


def test_prompt_parameters_ranges() -> None:
    from core.exceptions import ValidationError
    from core.validators.image import PromptParameters

    params = PromptParameters(
        prompt="a beautiful landscape", width=1024, height=1024, steps=30, cfg=7.5, seed=-1, batch_size=1
    )
    assert (params.prompt, params.steps, params.seed) == ("a beautiful landscape", 30, -1)
    good = {"prompt": "x", "seed": 0}
    assert PromptParameters(**good).seed == 0
    for field, wrong in (
        ("prompt", ""),
        ("prompt", "x" * 501),
        ("width", 192),
        ("width", 2112),
        ("width", 300),
        ("height", 1000),
        ("steps", 0),
        ("steps", 51),
        ("cfg", 0.9),
        ("cfg", 20.1),
        ("seed", -2),
        ("batch_size", 0),
        ("batch_size", 5),
    ):
        with pytest.raises(ValidationError) as caught:
            PromptParameters(**{**good, field: wrong})
        assert caught.value.field == field


def test_rate_limiter() -> None:
    from utils.rate_limit import RateLimitConfig, RateLimiter

    limiter = RateLimiter(RateLimitConfig(per_user=2, global_limit=3, window_seconds=60))
    assert limiter.check_rate_limit(1)
    assert limiter.get_user_remaining(1) == 1
    assert limiter.check_rate_limit(1)
    assert not limiter.check_rate_limit(1)
    limiter.reset_user(1)
    assert limiter.check_rate_limit(1)
    assert not limiter.check_rate_limit(2), "three of everybody's three are gone"


def test_progress_tracker(capsys: pytest.CaptureFixture[str]) -> None:
    from core.progress.tracker import ProgressTracker

    def my_progress_callback(metrics: Any) -> None:
        print(f"Progress: {metrics.percentage}%")
        print(f"Phase: {metrics.phase}")

    tracker = ProgressTracker()
    tracker.add_callback(my_progress_callback)
    tracker.update_percentage(50.0)
    assert capsys.readouterr().out.startswith("Progress: 50.0%\nPhase: ")
    tracker.update_phase("Sampling")
    assert (tracker.get_metrics().percentage, tracker.get_metrics().phase) == (50.0, "Sampling")
    tracker.mark_completed()
    assert tracker.get_metrics().percentage == 100.0
    failed = ProgressTracker()
    failed.mark_failed("Generation failed")
    assert failed.get_metrics().error_message == "Generation failed"


def test_workflow_updater() -> None:
    from core.comfyui.workflows.manager import WorkflowManager
    from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater

    workflow = WorkflowManager(workflows_dir=str(ROOT / "workflows")).load_workflow("hidream_lora")
    updated = WorkflowUpdater().update(workflow, WorkflowParameters(prompt="test prompt", steps=30, cfg=7.5))
    sampler = next(node["inputs"] for node in updated.values() if node["class_type"] == "KSampler")
    assert (sampler["steps"], sampler["cfg"]) == (30, 7.5)
    assert any(node["inputs"].get("text") == "test prompt" for node in updated.values())


@pytest.mark.parametrize("name", ["hidream_lora", "hidream_lora.json"])
def test_a_workflow_is_loaded_by_key_stem_or_file(name: str) -> None:
    from core.comfyui.workflows.manager import WorkflowManager

    assert WorkflowManager().load_workflow(name)


def test_exceptions() -> None:
    from core import exceptions as e

    for kind in (e.ValidationError, e.ComfyUIError, e.WorkflowError, e.GenerationError, e.RateLimitError):
        assert issubclass(kind, e.DisComfyError)
    assert e.ValidationError("x", field="width").field == "width"
    assert e.ValidationError("x").field is None
    assert e.ComfyUIError("x", status_code=500).status_code == 500
    assert e.ComfyUIError("x").status_code is None
    assert str(e.GenerationError("that failed")) == "that failed"


def test_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-token")
    monkeypatch.setenv("COMFYUI_URL", "http://comfyui:8188")
    from config import get_config
    from config.models import BotConfig, ComfyUIConfig, DiscordConfig, GenerationConfig

    config = get_config()
    assert isinstance(config, BotConfig)
    assert isinstance(config.discord, DiscordConfig)
    assert isinstance(config.comfyui, ComfyUIConfig)
    assert isinstance(config.generation, GenerationConfig)
    assert (config.discord.token, config.comfyui.url) == ("a-token", "http://comfyui:8188")


def test_files(tmp_path: Path) -> None:
    from utils.files import cleanup_old_files, get_unique_filename, save_output_image

    saved = save_output_image(b"\x89PNG\r\n\x1a\n", prefix="gen")
    assert Path(saved).read_bytes().startswith(b"\x89PNG")
    name = get_unique_filename(prefix="image", extension="png")
    assert re.fullmatch(r"image_\d{8}_\d{6}_[0-9a-f]{6,}\.png", name)
    assert cleanup_old_files("./outputs", max_files=100) == 0
    assert cleanup_old_files("./outputs", max_files=0) == 1


@pytest.mark.usefixtures("root")
def test_logging(tmp_path: Path) -> None:
    from config.models import LoggingConfig
    from utils.logging import get_logger, setup_logging

    setup_logging(LoggingConfig(level="INFO", file="logs/bot.log"))
    get_logger("test").info("written")
    assert "written" in (tmp_path / "logs" / "bot.log").read_text("utf-8")


async def test_a_custom_generator() -> None:
    from core.generators.base import BaseGenerator, GeneratorType

    class MyGenerator(BaseGenerator):
        @property
        def generator_type(self) -> GeneratorType:
            return GeneratorType.IMAGE

        async def initialize(self) -> None:
            pass

        async def shutdown(self) -> None:
            pass

        async def generate(self, prompt: str, **kwargs: Any) -> tuple[bytes, dict]:
            return prompt.encode(), kwargs

    assert await MyGenerator().generate("x", seed=1) == (b"x", {"seed": 1})
    assert BaseGenerator.__abstractmethods__ == {"generator_type", "initialize", "shutdown", "generate"}


async def test_a_custom_button() -> None:
    from bot.ui.buttons import BaseButton

    class MyButton(BaseButton):
        def __init__(self) -> None:
            super().__init__(label="My Action", style=discord.ButtonStyle.primary)

        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Button clicked!")

    view = discord.ui.View()
    view.add_item(MyButton())
    assert view.to_components()[0]["components"][0]["label"] == "My Action"


def test_every_public_name_of_the_bot_exists() -> None:
    from bot.client import ComfyUIBot
    from bot.commands.edit import editflux_command_handler, editqwen_command_handler
    from bot.commands.generate import generate_command_handler
    from bot.commands.loras import loras_command_handler
    from bot.commands.status import status_command_handler
    from bot.ui.buttons import AnimateButton, EditFluxButton, EditQwenButton, UpscaleButton
    from bot.ui.modals import EditModal, UpscaleModal, VideoModal
    from bot.ui.view import PostView, SetupView

    for handler in (
        generate_command_handler,
        editflux_command_handler,
        editqwen_command_handler,
        status_command_handler,
        loras_command_handler,
    ):
        assert inspect.iscoroutinefunction(handler)
        assert list(inspect.signature(handler).parameters)[:2] == ["bot", "interaction"]
    for modal in (UpscaleModal, VideoModal, EditModal):
        assert issubclass(modal, discord.ui.Modal)
    for view in (SetupView, PostView):
        assert issubclass(view, discord.ui.View)
    for button in (UpscaleButton, EditFluxButton, EditQwenButton, AnimateButton):
        assert issubclass(button, discord.ui.Item)
    signature = inspect.signature(ComfyUIBot._create_unified_progress_callback)
    assert list(signature.parameters) == ["self", "interaction", "title", "prompt", "settings"]
    assert inspect.iscoroutinefunction(ComfyUIBot._create_unified_progress_callback)


def test_the_bot_checks_rate_limits() -> None:
    from bot.client import ComfyUIBot
    from config.models import BotConfig

    bot = ComfyUIBot(BotConfig.model_validate({"security": {"per_user": 1}}))
    assert bot._check_rate_limit(1) is True
    assert bot._check_rate_limit(1) is False


COMPLETE_EXAMPLE = '''
import asyncio
from core.comfyui.client import ComfyUIClient
from core.validators.image import PromptParameters
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.updater import WorkflowUpdater

async def generate_image():
    """Complete image generation example."""

    # Validate parameters
    params = PromptParameters(
        prompt="a beautiful landscape",
        width=1024,
        height=1024,
        steps=30
    )

    # Load workflow
    manager = WorkflowManager()
    workflow = manager.load_workflow("flux_lora")

    # Update workflow
    updater = WorkflowUpdater()
    updated_workflow = updater.update(workflow, params)

    # Generate
    async with ComfyUIClient("http://localhost:8188") as client:
        prompt_id = await client.queue_prompt(updated_workflow)

        # Wait for completion
        while True:
            history = await client.get_history(prompt_id)
            if prompt_id in history:
                break
            await asyncio.sleep(2)

        # Download result
        outputs = history[prompt_id]['outputs']
        for node_id, node_output in outputs.items():
            if 'images' in node_output:
                for image in node_output['images']:
                    data = await client.download_output(
                        image['filename'],
                        image.get('subfolder', '')
                    )
                    # Save or process data
                    print(f"Generated image: {len(data)} bytes")

# Run
asyncio.run(generate_image())
'''


async def run_example(code: str, server: ComfyUIServer) -> None:
    """An example as it is written, but for the server's address and how often it looks."""
    code = code.replace("http://localhost:8188", server.url).replace("asyncio.sleep(2)", "asyncio.sleep(0.01)")
    await asyncio.to_thread(exec, compile(code, "example", "exec"), {"__name__": "__main__"})


async def test_the_complete_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    async with ComfyUIServer(draw=False) as server:
        await run_example(COMPLETE_EXAMPLE, server)
    assert re.search(r"Generated image: \d+ bytes", capsys.readouterr().out)


async def test_the_complete_example_is_still_the_one_in_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    code = COMPLETE_EXAMPLE
    if REFERENCE.exists():
        blocks = re.findall(r"```python\n(.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)
        code = next(block for block in blocks if "Complete image generation example" in block)
    async with ComfyUIServer(draw=False) as server:
        await run_example(code, server)
        assert len(server.accepted) == 1
    assert "Generated image" in capsys.readouterr().out
