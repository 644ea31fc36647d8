"""What several parts of the suite share: the scripted server, graphs for it, and recordings where they are at hand."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from gettext import NullTranslations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import aioresponses.core
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from playground.comfyui import ComfyUIServer
from utils.language import catalogues, speech

Graph = dict[str, dict[str, Any]]

#: However long an example takes; the same ones each time, or with ``--hypothesis-profile=others`` new ones.
ANY_TIME = hypothesis_settings(
    hypothesis_settings.get_profile("ci"),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.register_profile("same", ANY_TIME)
hypothesis_settings.register_profile("others", ANY_TIME, derandomize=False)
hypothesis_settings.load_profile("same")


@pytest.fixture
async def comfyui(request: pytest.FixtureRequest) -> AsyncIterator[ComfyUIServer]:
    """A scripted ComfyUI that does not draw; parametrised indirectly it takes other settings of its constructor."""
    async with ComfyUIServer(draw=False, **getattr(request, "param", {})) as server:
        yield server


@pytest.fixture
def picture() -> Callable[..., Graph]:
    """Builds a small graph with one sampler ("3") and one output ("5"); each seed makes it another picture."""

    def build(*, steps: int = 4, seed: int = 1, prefix: str = "fox") -> Graph:
        sampler = {
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["2", 0],
            "latent_image": ["6", 0],
            "seed": seed,
            "steps": steps,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
        }
        nodes = {
            "1": ("CheckpointLoaderSimple", "Load", {"ckpt_name": "sd_xl_base_1.0.safetensors"}),
            "2": ("CLIPTextEncode", "Prompt", {"text": "a red fox", "clip": ["1", 1]}),
            "3": ("KSampler", "Paint", sampler),
            "4": ("VAEDecode", "Decode", {"samples": ["3", 0], "vae": ["1", 2]}),
            "5": ("SaveImage", "Save", {"images": ["4", 0], "filename_prefix": prefix}),
            "6": ("EmptyLatentImage", "Size", {"width": 512, "height": 512, "batch_size": 1}),
        }
        return {
            node_id: {"class_type": node_class, "inputs": inputs, "_meta": {"title": title}}
            for node_id, (node_class, title, inputs) in nodes.items()
        }

    return build


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Lets everything else run until something holds, for what tells nobody that it changed."""

    async def holds(predicate: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not predicate():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0)

    return holds


@pytest.fixture
def rest() -> Iterator[aioresponses.aioresponses]:
    """aioresponses, for answers that no server gives. It was written before aiohttp's responses knew their writer."""

    class Response(aiohttp.ClientResponse):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, stream_writer=SimpleNamespace(output_size=0), **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aioresponses.core, "ClientResponse", Response)
        with aioresponses.aioresponses() as answers:
            yield answers


class PseudoLanguage(NullTranslations):
    """A language in which every text reads as in English, but for brackets around all that is no value."""

    def gettext(self, message: str) -> str:
        return re.sub(r"(\{\w+\})|([^{}]+)", lambda part: part[1] or f"⟦{part[2]}⟧", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Has every language but English say ⟦texts⟧; gives what stands outside of brackets: values, and nothing else."""
    monkeypatch.setattr(catalogues, "catalogue", lambda language: PseudoLanguage())
    monkeypatch.setattr(speech, "_listed", lambda parts, language: "⟦, ⟧".join(parts))
    # One that was clipped has no bracket at its end.
    return lambda text: " ".join(re.sub(r"⟦[^⟧]*(?:⟧|$)", " ", text).split())


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Where conversations with a real ComfyUI lie, if they do: beside the checkout."""
    return Path(__file__).resolve().parents[2] / "shared" / "comfyui" / "recordings"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back to how it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
