from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Graph = dict[str, dict[str, Any]]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sampler(steps: object, latent: str) -> dict[str, Any]:
    inputs = {"positive": ["2", 0], "latent_image": [latent, 0], "steps": steps}
    return {"class_type": "KSampler", "inputs": inputs, "_meta": {"title": f"Sampler after {latent}"}}


@pytest.fixture
def two_stage() -> Callable[..., Graph]:
    """Load, prompt, two samplers of the same number of steps, decode, save: 4 + 2 * (1 + steps) units of work."""

    def build(steps: object = 10) -> Graph:
        return {
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {}, "_meta": {"title": "Load"}},
            "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1]}},
            "3": sampler(steps, "1"),
            "4": sampler(steps, "3"),
            "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0]}},
            "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0]}},
        }

    return build
