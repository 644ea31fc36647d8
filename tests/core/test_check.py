"""What is fine and what is missing, for whoever sets the bot up."""

from __future__ import annotations

import os

import pytest

from core.check import Finding, describe, examine_comfyui, examine_workflows, explain_workflow
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.test_embedded import png

LACKS = 'ComfyUI lacks model file "sd_xl_base_1.0.safetensors" in models/checkpoints.'


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
    assert finding.text == LACKS


async def test_a_long_list_is_cut(found, add_workflow, picture):
    graph = picture()
    for number in range(8):
        graph[f"9{number}"] = {"class_type": f"Absent{number}", "inputs": {"images": ["4", 0]}}
    add_workflow("many", graph)
    text = (await found())["workflow many"].text
    assert text.startswith('ComfyUI lacks node class "Absent0", node class "Absent1", ')
    assert text.endswith('node class "Absent5" and 2 more.')


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
    assert "workflow fox" not in findings


async def test_a_setting_that_names_no_workflow_is_told(found):
    assert not [subject for subject in await found() if subject.startswith("generation.")]
    finding = (await found(generation={"upscale_workflow": "big"}))["generation.upscale_workflow"]
    said = "there is no workflow 'big' in use; name another one, or leave the setting out"
    assert finding == Finding("generation.upscale_workflow", False, said)
    two = (await found(generation={"editqwen_workflow": ["fox", "big"]}))["generation.editqwen_workflow"]
    assert two == Finding("generation.editqwen_workflow", False, said)


async def test_a_server_that_went_away_is_remembered(found, comfyui):
    comfyui.set_models("checkpoints", [])
    assert (await found())["workflow fox"].text == LACKS
    await comfyui.kill()
    assert (await found())["workflow fox"] == Finding("workflow fox", False, LACKS)


async def test_what_was_there_when_it_answered_last_is_said_so(found, comfyui):
    await found()
    await comfyui.kill()
    finding = (await found())["workflow fox"]
    assert finding == Finding("workflow fox", True, "everything it needs was there when ComfyUI answered last")


@pytest.fixture
def config(comfyui, config_of, add_workflow, picture):
    made = config_of(comfyui.url)
    refused = picture()
    refused["7"] = {"class_type": "CLIPTextEncode", "inputs": {"text": "a wide sky", "clip": ["1", 1]}}
    both = {"conditioning_1": ["2", 0], "conditioning_2": ["7", 0]}
    refused["8"] = {"class_type": "ConditioningCombine", "inputs": both}
    refused["3"]["inputs"]["positive"] = ["8", 0]
    add_workflow("doubtful", refused)
    return made


@pytest.mark.parametrize("models", [["sd_xl_base_1.0.safetensors"], []])
@pytest.mark.parametrize("away", [False, True])
async def test_lists_checks_and_explanations_say_the_same(config, comfyui, models: list[str], away: bool):
    comfyui.set_models("checkpoints", models)
    if away:
        await comfyui.kill()
    checked = {finding.subject: (finding.fine, finding.text) for finding in (await examine_comfyui(config))[1:]}
    standings = await examine_workflows(config)
    assert [standing.entry.name for standing in standings] == ["fox", "doubtful"]
    for standing in standings:
        explained = await explain_workflow(config, standing.entry.name)
        fine, text = checked[f"workflow {standing.entry.name}"]
        assert text == standing.text == explained.state
        assert fine == standing.entry.ready == explained.ready
        assert standing.entry.problem == explained.problem


async def test_a_style_that_is_missing_keeps_a_workflow_from_nothing_in_lists_and_explanations(
    comfyui, config_of, add_workflow, picture
):
    config = config_of(comfyui.url)
    styled = picture()
    lora = {"lora_name": "gone_style.safetensors", "strength_model": 1.0, "model": ["1", 0]}
    styled["7"] = {"class_type": "LoraLoaderModelOnly", "inputs": lora}
    styled["3"]["inputs"]["model"] = ["7", 0]
    add_workflow("styled", styled)
    standing = (await examine_workflows(config))[-1]
    explained = await explain_workflow(config, "styled")
    assert standing.entry.ready
    assert explained.ready
    assert standing.text == explained.state
    assert 'lacks model file "gone_style.safetensors" in models/loras' in standing.text


async def test_a_workflow_is_explained_by_each_of_its_names(config):
    by_key = await explain_workflow(config, "fox")
    assert by_key == await explain_workflow(config, "fox.json")
    assert (by_key.name, by_key.label, by_key.ready) == ("fox", "Red fox", True)
    assert {role.role for role in by_key.roles} >= {"positive", "seed", "steps", "width"}


async def test_a_file_of_another_folder_is_explained(config, tmp_path, picture):
    path = tmp_path / "elsewhere" / "made by me.png"
    path.parent.mkdir()
    path.write_bytes(png(prompt=picture()))
    found = await explain_workflow(config, str(path))
    assert (found.name, found.file, found.ready) == ("made by me", "made by me.png", True)
    assert found.roles == (await explain_workflow(config, "fox")).roles
    path.write_bytes(b"x")
    assert "carries no workflow" in (await explain_workflow(config, str(path))).state


async def test_what_is_switched_off_is_explained(comfyui, config_of):
    config = config_of(comfyui.url, workflows={"fox": {"file": "fox.json", "enabled": False}})
    found = await explain_workflow(config, "fox")
    assert (found.enabled, found.ready) == (False, True)
    assert found.roles


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
async def test_a_pipe_is_explained_and_not_waited_for(config, tmp_path):
    os.mkfifo(tmp_path / "workflows" / "pipe.json")
    assert "no ordinary file" in (await explain_workflow(config, "pipe")).state


async def test_files_that_are_gone_or_too_large_are_explained(comfyui, config_of, tmp_path):
    config = config_of(comfyui.url, workflows={"gone": {"file": "gone.json", "name": "Gone"}})
    found = await explain_workflow(config, "gone")
    assert (found.label, found.state, found.ready) == (
        "Gone",
        "Its file gone.json is not in the workflows folder.",
        False,
    )
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    assert "larger than 32 MB" in (await explain_workflow(config, str(tmp_path / "large.json"))).state


@pytest.mark.parametrize("wanted", ["nothing", "no/thing.json", "..", ""])
async def test_what_is_neither_a_workflow_nor_a_file_is_refused(config, wanted: str):
    with pytest.raises(WorkflowError, match="no workflow and no file"):
        await explain_workflow(config, wanted)


def test_how_a_workflow_stands():
    assert describe("It lacks all.", asked=True) == "It lacks all."
    assert describe(None, asked=True) == "everything it needs is there"
    assert "not known" in describe(None, asked=False)
    assert "answered last" in describe(None, asked=False, known=True)
