"""The shipped upscaling: a factor that is the factor, and a refining pass that costs nothing until it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters
from core.exceptions import ValidationError
from tests.workflows.shipped import Graph, graph_of, workflow_of

PLAIN = {"image", "upscale_model", "enlarge", "factor", "size", "fit", "save"}


def built(**parameters: Any) -> Graph:
    return workflow_of("upscale").build(WorkflowParameters(images=("in.png",), **parameters))


@pytest.mark.parametrize(
    "parameters", [{}, {"denoise": 0.0}, {"loras": (LoraChoice("a"),), "prompt": "a fox"}], ids=str
)
def test_without_a_strength_no_checkpoint_is_needed(parameters: dict[str, Any]) -> None:
    graph = built(**parameters)
    assert graph.keys() == PLAIN
    assert graph["save"]["inputs"]["images"] == ["fit", 0]
    files = {str(v) for n in graph.values() for v in n["inputs"].values() if str(v).endswith(".safetensors")}
    assert files == {"RealESRGAN_x4plus.safetensors"}


def test_a_strength_brings_the_refining_pass() -> None:
    graph = built(denoise=0.3)
    assert graph.keys() == graph_of("upscale").keys()
    assert graph["save"]["inputs"]["images"] == ["decode", 0]
    assert graph["sampler"]["inputs"]["denoise"] == 0.3


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_factor_is_of_the_picture_that_goes_in(factor: int) -> None:
    graph = built(upscale_factor=float(factor))
    assert graph["factor"]["inputs"] == {
        "upscale_method": "nearest-exact",
        "scale_by": factor,
        "image": ["image", 0],
    }
    assert (graph["fit"]["inputs"]["width"], graph["fit"]["inputs"]["height"]) == (["size", 0], ["size", 1])
    assert workflow_of("upscale").limits["upscale_factor"].check(factor) == factor


def test_other_factors_and_strengths_that_make_another_picture_are_refused() -> None:
    limits = workflow_of("upscale").limits
    with pytest.raises(ValidationError, match="2, 4, 8"):
        limits["upscale_factor"].check(3)
    with pytest.raises(ValidationError):
        limits["denoise"].check(0.7)
