"""Whether a workflow can run: its gaps, and the one kind of gap that it can do without."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.readiness import Readiness, judge
from core.comfyui.workflows.updater import WorkflowUpdater
from core.comfyui.workflows.workflow import Workflow, load
from tests.core.comfyui.workflows.graphs import plain, styled


def workflow(graph: Graph) -> Workflow:
    return load("one", graph, None, WorkflowUpdater())


def server(*, loras: list[str], checkpoints: list[str]) -> dict[str, Any]:
    known: dict[str, Any] = {node["class_type"]: {} for node in styled().values()}
    known["LoraLoader"] = {"input": {"required": {"lora_name": [loras]}}}
    known["CheckpointLoaderSimple"] = {"input": {"required": {"ckpt_name": [checkpoints]}}}
    return known


CHECKPOINT = plain()["4"]["inputs"]["ckpt_name"]
STYLES = ["ink_style.safetensors", "watercolor.safetensors"]


@pytest.mark.parametrize(
    ("loras", "checkpoints", "ready", "lacking"),
    [
        (STYLES, [CHECKPOINT], True, []),
        (STYLES[:1], [CHECKPOINT], True, STYLES[1:]),
        (STYLES, [], False, [CHECKPOINT]),
        ([], [], False, [CHECKPOINT, *STYLES]),
    ],
)
def test_a_style_is_the_only_gap_that_a_workflow_can_do_without(
    loras: list[str], checkpoints: list[str], ready: bool, lacking: list[str]
) -> None:
    found = judge(workflow(styled()), server(loras=loras, checkpoints=checkpoints))
    assert found.ready is ready
    assert [gap.value for gap in found.gaps] == lacking
    assert all(name in str(found.problem) for name in lacking)


def test_without_definitions_whatever_can_be_read_can_run() -> None:
    assert judge(workflow(styled()), None) == Readiness((), ready=True)
    assert Readiness().problem is None
