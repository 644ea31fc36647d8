"""Requests and graphs to results on disk."""

from __future__ import annotations

import pytest

from core.comfyui.events import Progress
from core.comfyui.outputs import MediaKind
from core.comfyui.workflows.parameters import LoraChoice
from core.exceptions import ComfyUIError, FailureReason, GenerationError, ValidationError, WorkflowError
from core.generators.base import GeneratorType
from playground.comfyui import DEMO_LORAS
from tests.core.comfyui.workflows.editor.samples import file, node

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
GONE = "fox_00001_.png"


@pytest.fixture
def generator(house):
    return house.engine.generator


async def test_a_picture_and_what_is_known_of_it(generator, comfyui, house):
    content, metadata = await generator.generate("a blue fox", steps=3, seed=0)
    (prompt_id,) = comfyui.accepted
    path = metadata.pop("path")
    assert metadata.pop("seconds") > 0
    assert metadata == {"prompt_id": prompt_id, "workflow": "fox", "seed": 0, "kind": "image"}
    assert path == str(house.outputs / f"{prompt_id}_1.png")
    assert content == (house.outputs / f"{prompt_id}_1.png").read_bytes() == (comfyui.output_dir / GONE).read_bytes()
    graph = comfyui.prompts[prompt_id]
    assert (graph["2"]["inputs"]["text"], graph["3"]["inputs"]["steps"], graph["3"]["inputs"]["seed"]) == (
        "a blue fox",
        3,
        0,
    )


async def test_a_seed_that_is_not_given_is_drawn_and_told(generator, comfyui):
    told = [(await generator.generate("a fox", seed=seed))[1]["seed"] for seed in (None, -1)]
    assert told == [comfyui.prompts[prompt_id]["3"]["inputs"]["seed"] for prompt_id in comfyui.accepted]
    assert len(set(told)) == 2


async def test_another_workflow_can_be_named(generator, picture, add_workflow, comfyui):
    add_workflow("other", picture(prefix="other"))
    _, metadata = await generator.generate("a fox", workflow="other")
    assert metadata["workflow"] == "other"
    assert (comfyui.output_dir / "other_00001_.png").is_file()
    with pytest.raises(WorkflowError, match='no workflow "absent"'):
        await generator.generate("a fox", workflow="absent")


async def test_pictures_and_loras_can_be_given(generator, comfyui, add_workflow):
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "saved.png"}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "inv"}},
    }
    add_workflow("invert", graph)
    _, metadata = await generator.generate("a fox", loras=[LoraChoice(DEMO_LORAS[0], 0.5)])
    painted = comfyui.prompts[metadata["prompt_id"]]
    assert [node["inputs"]["lora_name"] for node in painted.values() if "lora_name" in node["inputs"]] == [
        DEMO_LORAS[0]
    ]
    name = await generator.upload((comfyui.output_dir / GONE).read_bytes())
    _, metadata = await generator.generate("", workflow="invert", images=(name,))
    assert metadata["seed"] is None
    assert comfyui.prompts[metadata["prompt_id"]]["1"]["inputs"]["image"] == name


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"widht": 512}, "widht"), ({"steps": 51}, "steps"), ({"images": ("a.png", "b.png")}, "images")],
)
async def test_what_the_workflow_does_not_take_is_refused_before_anything_is_sent(generator, comfyui, wrong, field):
    with pytest.raises(ValidationError) as caught:
        await generator.generate("a fox", **wrong)
    assert caught.value.field == field
    assert comfyui.accepted == []


async def test_it_opens_and_closes_its_client(generator, house):
    assert generator.generator_type is GeneratorType.IMAGE
    await generator.shutdown()
    with pytest.raises(ComfyUIError, match="not open"):
        await house.engine.client.get_queue()
    await generator.initialize()
    assert await house.engine.client.test_connection() is True


async def test_a_run_costs_a_post_a_history_and_a_view_for_each_output(generator, comfyui, picture):
    graph = picture()
    graph["6"]["inputs"]["batch_size"] = 3
    heard = []
    result = await generator.run(graph, prompt_id=P, listener=heard.append)
    assert [file.path.name for file in result.files] == [f"{P}_1.png", f"{P}_2.png", f"{P}_3.png"]
    assert (result.prompt_id, result.texts, result.problem) == (P, (), None)
    assert [(request.method, request.path) for request in comfyui.requests] == [
        ("GET", "/ws"),
        ("POST", "/prompt"),
        ("GET", f"/history/{P}"),
        *[("GET", "/view")] * 3,
    ]
    assert any(isinstance(event, Progress) for event in heard)


async def test_texts_are_results_of_their_own(generator, picture):
    graph = picture()
    graph["9"] = {"class_type": "PreviewAny", "inputs": {"source": "four legs"}}
    result = await generator.run(graph)
    assert (result.texts, [file.kind for file in result.files]) == (("four legs",), [MediaKind.IMAGE])


async def test_a_text_alone_is_no_content(generator, add_workflow):
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }
    add_workflow("text", graph)
    with pytest.raises(GenerationError, match="text only") as caught:
        await generator.generate("", workflow="text")
    assert caught.value.reason is FailureReason.NO_OUTPUT


async def test_a_partial_result_keeps_its_problem(generator, comfyui, picture):
    comfyui.faults.fail_node("8", "no colours", "ValueError")
    graph = picture()
    graph["8"] = {"class_type": "ImageInvert", "inputs": {"image": ["4", 0]}}
    graph["9"] = {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "inv"}}
    result = await generator.run(graph)
    assert len(result.files) == 1
    assert "no colours" in str(result.problem)


async def test_a_cached_run_gives_the_files_of_before(generator, comfyui, picture):
    first, second = await generator.run(picture()), await generator.run(picture())
    assert [file.path.read_bytes() for file in first.files] == [file.path.read_bytes() for file in second.files]
    assert (first.files[0].output.filename, second.files[0].output.filename) == (GONE, GONE)
    assert len(comfyui.accepted) == 2


async def test_a_cached_file_that_was_deleted_is_written_anew_by_the_output_node_alone(generator, comfyui, picture):
    await generator.run(picture())
    comfyui.delete_output(GONE)
    heard = []
    result = await generator.run(picture(), prompt_id=P, listener=heard.append)
    assert [file.path.name for file in result.files] == [f"{P}_1.png"]
    assert result.prompt_id == P
    assert len(comfyui.accepted) == 3
    again = comfyui.history[comfyui.accepted[-1]]
    (cached,) = (message["nodes"] for name, message in again["status"]["messages"] if name == "execution_cached")
    assert sorted(cached) == ["1", "2", "3", "4", "6"]
    assert not any(isinstance(event, Progress) for event in heard)


async def test_a_file_that_is_deleted_again_and_again_is_told(generator, comfyui, picture):
    comfyui.faults.refuse("/view", 404)
    with pytest.raises(ComfyUIError, match="does not have that any more"):
        await generator.run(picture())
    assert len(comfyui.accepted) == 2


async def test_other_trouble_with_a_file_runs_nothing_again(generator, comfyui, picture):
    comfyui.faults.refuse("/view", 403)
    with pytest.raises(ComfyUIError, match="status 403"):
        await generator.run(picture())
    assert len(comfyui.accepted) == 1


async def test_an_upload_has_a_name_of_ours(generator, comfyui):
    names = [await generator.upload(b"one"), await generator.upload(b"two")]
    assert len(set(names)) == 2
    assert all(name.startswith("discomfy_") and name.endswith(".png") for name in names)
    assert [(comfyui.input_dir / name).read_bytes() for name in names] == [b"one", b"two"]


@pytest.mark.parametrize(
    ("extension", "ending"), [("mp4", ".mp4"), (".WebM", ".webm"), ("", ".png"), ("../x", ".x"), ("é/", ".png")]
)
async def test_an_upload_ends_as_its_kind_does(generator, comfyui, tmp_path, extension: str, ending: str):
    path = tmp_path / "mine"
    path.write_bytes(b"content")
    name = await generator.upload(path, extension=extension)
    assert name.endswith(ending)
    assert name.count(".") == 1
    assert (comfyui.input_dir / name).read_bytes() == b"content"


async def test_a_file_of_the_editor_is_generated_from_at_first_sight(generator, add_workflow, comfyui):
    whole = file(
        node(1, "EmptyImage", [64, 64, 1, 0], outputs=("IMAGE",)),
        node(2, "SaveImage", ["made"], {"images": (1, 0)}, types={"images": "IMAGE"}),
    )
    add_workflow("saved", whole)
    _, metadata = await generator.generate("", workflow="saved")
    assert list(comfyui.prompts[metadata["prompt_id"]]) == ["1", "2"]
    assert comfyui.count("GET", "/object_info") == 1
