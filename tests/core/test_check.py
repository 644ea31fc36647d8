"""What is fine and what is missing, for whoever sets the bot up."""

from __future__ import annotations

import pytest

from core.check import Finding, examine_comfyui


@pytest.fixture
def found(comfyui, config_of):
    async def examine(**sections):
        return {finding.subject: finding for finding in await examine_comfyui(config_of(comfyui.url, **sections))}

    return examine


async def test_a_server_that_has_everything(found):
    assert await found() == {
        "ComfyUI": Finding("ComfyUI", True, "version 0.3.64+playground"),
        "workflow fox": Finding("workflow fox", True, "everything it needs is there"),
    }


async def test_a_model_that_is_missing_is_named(found, comfyui):
    comfyui.set_models("checkpoints", ["another.safetensors"])
    finding = (await found())["workflow fox"]
    assert finding.fine is False
    assert finding.text == 'ComfyUI lacks ckpt_name "sd_xl_base_1.0.safetensors" (node "Load")'


async def test_a_long_list_is_cut(found, add_workflow, picture):
    graph = picture()
    for number in range(8):
        graph[f"9{number}"] = {"class_type": f"Absent{number}", "inputs": {"images": ["4", 0]}}
    add_workflow("many", graph)
    text = (await found())["workflow many"].text
    assert text.startswith('ComfyUI lacks node class "Absent0", node class "Absent1", ')
    assert text.endswith('node class "Absent5" and 2 more')


async def test_a_server_that_is_away(found, comfyui):
    await comfyui.kill()
    findings = await found()
    assert findings["ComfyUI"].fine is False
    assert "COMFYUI_URL" in findings["ComfyUI"].text
    assert findings["workflow fox"].fine is True
    assert "not known without ComfyUI" in findings["workflow fox"].text


async def test_something_else_that_answers_there(found, comfyui):
    comfyui.faults.garbage("/system_stats")
    assert (await found())["ComfyUI"].fine is False


async def test_a_workflow_that_cannot_be_read(found, tmp_path, add_workflow):
    add_workflow("broken", {"1": {"class_type": "SaveImage"}})
    (tmp_path / "workflows" / "worse.json").write_text("{")
    findings = await found()
    assert [name for name, finding in findings.items() if not finding.fine] == ["workflow broken", "workflow worse"]
    assert "not valid JSON" in findings["workflow worse"].text


async def test_a_workflow_that_is_switched_off_is_not_looked_at(found):
    findings = await found(workflows={"fox": {"file": "fox.json", "enabled": False}})
    assert list(findings) == ["ComfyUI"]
