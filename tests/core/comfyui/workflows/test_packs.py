"""Graphs with nodes of other packs, by their shapes: pipes, contexts, own types, nodes that do several things."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.texts import side_of
from tests.core.comfyui.workflows.graphs import node, plain, sampler, with_inputs

SETTINGS: dict[str, Any] = {
    "seed": 5, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
}  # fmt: skip


def places(graph: dict[str, Any], *roles: str, info: dict[str, Any] | None = None) -> dict[str, list[str]]:
    found = bind(graph, info).to_dict()
    return {role: found.get(role, []) for role in roles}


def test_a_node_that_gives_a_model_first_hands_on_by_the_rank_of_its_outputs() -> None:
    graph = plain()
    graph["face"] = node("FaceId", weight=0.8, model=["4", 0], positive=["6", 0], negative=["7", 0])
    graph = with_inputs(graph, "3", model=["face", 0], positive=["face", 1], negative=["face", 2])
    assert places(graph, "positive", "negative") == {"positive": ["6.text"], "negative": ["7.text"]}
    alone = with_inputs(graph, "3", negative=["7", 0])
    assert places(alone, "positive", "negative") == {"positive": ["6.text"], "negative": ["7.text"]}


def test_a_node_that_gives_two_pairs_hands_each_on() -> None:
    graph = plain()
    graph["pairs"] = node("HighAndLow", positive=["6", 0], negative=["7", 0])
    graph["3"]["inputs"].update(positive=["pairs", 0], negative=["pairs", 1])
    graph["again"] = sampler(positive=["pairs", 2], negative=["pairs", 3], latent_image=["3", 0], denoise=0.5)
    graph = with_inputs(graph, "8", samples=["again", 0])
    assert places(graph, "positive", "negative") == {"positive": ["6.text"], "negative": ["7.text"]}


@pytest.mark.parametrize("names", [("high_positive", "high_negative"), ("POSITIVE", "NEGATIVE"), ("composed", "b")])
def test_output_names_that_say_the_side_are_believed(names: tuple[str, str]) -> None:
    info = {"Both": {"input": {"required": {}}, "output": ["CONDITIONING", "CONDITIONING"], "output_name": names}}
    graph = plain()
    graph["both"] = node("Both", positive=["6", 0], negative=["7", 0])
    graph = with_inputs(graph, "3", positive=["both", 0], negative=["both", 1])
    assert places(graph, "positive", "negative", info=info) == {"positive": ["6.text"], "negative": ["7.text"]}


def test_a_sampler_that_is_given_a_pipe_is_looked_up_where_it_was_tied() -> None:
    graph = plain()
    graph["tie"] = node("ToPipe", model=["4", 0], clip=["4", 1], vae=["4", 2], positive=["6", 0], negative=["7", 0])
    graph["more"] = node("EditPipe", basic_pipe=["tie", 0])
    graph["3"] = node("PipeSampler", basic_pipe=["more", 0], latent_image=["5", 0], **SETTINGS)
    found = bind(graph)
    assert found.to_dict() == bind(plain()).to_dict()
    assert [source.model.node_id for source in found.models] == ["4"]


def test_a_loader_that_holds_the_words_gives_them_through_its_pipe() -> None:
    graph = {
        "load": node(
            "PipeLoader", ckpt_name="m.safetensors", positive="a fox", negative="blurry", empty_latent_width=512,
            empty_latent_height=768, batch_size=1,
        ),
        "3": node("PipeSampler", pipe=["load", 0], image_output="Preview", save_prefix="x", **SETTINGS),
    }  # fmt: skip
    found = bind(graph)
    assert found.refusal is None
    assert found.outputs == (("3", "image"),)
    assert places(graph, "positive", "negative", "seed", "width", "height", "batch_size") == {
        "positive": ["load.positive"],
        "negative": ["load.negative"],
        "seed": ["3.seed"],
        "width": ["load.empty_latent_width"],
        "height": ["load.empty_latent_height"],
        "batch_size": ["load.batch_size"],
    }


def test_a_context_is_passed_although_a_later_one_adds_to_it() -> None:
    graph = plain()
    graph["c1"] = node("Context (x)", model=["4", 0], positive=["6", 0], negative=["7", 0], vae=["4", 2])
    graph["c2"] = node("Context (x)", base_ctx=["c1", 0], latent=["5", 0])
    graph["c3"] = node("Context Switch (x)", ctx_01=["c2", 0])
    graph["c4"] = node("Context (x)", base_ctx=["c3", 0])
    graph = with_inputs(graph, "3", model=["c4", 1], positive=["c4", 4], negative=["c4", 5], latent_image=["c4", 6])
    assert bind(graph).to_dict() == bind(plain()).to_dict()


def test_types_that_a_pack_has_made_stand_for_what_they_are_called() -> None:
    info = {
        "Words": {
            "input": {"required": {"positive_prompt": ["STRING", {}], "negative_prompt": ["STRING", {}]}},
            "output": ["PACKTEXTEMBEDS"],
        },
        "Frames": {"input": {"required": {"width": ["INT", {}]}}, "output": ["PACKIMAGEEMBEDS"]},
        "Sample": {"input": {"required": {"text_embeds": ["PACKTEXTEMBEDS"], "image_embeds": ["PACKIMAGEEMBEDS"]}}},
    }
    graph = {
        "words": node("Words", positive_prompt="a fox", negative_prompt="blurry"),
        "avoid": node("Words", prompt="ugly"),
        "nag": node("Nag", original_text_embeds=["words", 0], nag_text_embeds=["avoid", 0]),
        "frames": node("Frames", width=832, height=480, num_frames=81),
        "run": node(
            "Sample", text_embeds=["nag", 0], image_embeds=["frames", 0], steps=30, cfg=6.0, seed=1,
            denoise_strength=1.0,
        ),
        "save": node("Combine", filename_prefix="x", frame_rate=16, images=["run", 0]),
    }  # fmt: skip
    for known in (info, None):
        assert places(graph, "positive", "seed", "width", "denoise", info=known) == {
            "positive": ["words.positive_prompt"],
            "seed": ["run.seed"],
            "width": ["frames.width"],
            "denoise": ["run.denoise_strength"],
        }
        assert "words.negative_prompt" in places(graph, "negative", info=known)["negative"]


@pytest.mark.parametrize(
    "name", ["negative", "neg_conditioning", "Negative Prompt", "base_negative", "uncond", "cond2"]
)
def test_names_of_the_negative_side(name: str) -> None:
    assert side_of(name) == "negative"


@pytest.mark.parametrize("name", ["positive", "conditioning", "cond", "cond1", "magnet", "renegade", "text_embeds"])
def test_names_that_are_not_of_the_negative_side(name: str) -> None:
    assert side_of(name) == "positive"


def test_conditioning_that_a_model_was_given_is_run_too() -> None:
    graph = plain()
    graph["sky"] = node("CLIPTextEncode", text="a blue sky", clip=["4", 1])
    graph["attend"] = node("AttendTo", model=["4", 0], cond_1=["sky", 0])
    found = bind(with_inputs(graph, "3", model=["attend", 0]))
    assert "positive" in found.ambiguous
    assert found.refusal is not None


def test_a_sampler_of_a_kind_of_its_own_is_told_by_seed_and_steps() -> None:
    graph = {
        "in": node("LoadImage", image="a.png"),
        "words": node("PackEncode", prompt="a fox", negative_prompt="blurry"),
        "run": node("PackSampler", te_cond=["words", 0], image=["in", 0], seed=1, steps=8, guidance_scale=3.0),
        "save": node("SaveImage", filename_prefix="x", images=["run", 0]),
    }
    assert bind(graph).to_dict() == {
        "positive": ["words.prompt"],
        "negative": ["words.negative_prompt"],
        "seed": ["run.seed"],
        "steps": ["run.steps"],
        "cfg": ["run.guidance_scale"],
        "images": ["in.image"],
    }
    assert bind(with_inputs(graph, "run", te_cond=None)).to_dict() == {
        "seed": ["run.seed"],
        "steps": ["run.steps"],
        "cfg": ["run.guidance_scale"],
        "images": ["in.image"],
    }


def test_what_a_detector_looks_for_is_no_second_prompt() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["find"] = node("Segment", prompt="face", image=["in", 0])
    graph["ask"] = node("Ground", prompt="face", sam_model=["4", 0], image=["in", 0])
    graph["spot"] = node("Spot", text_prompt="hair", confidence_threshold=0.2, image=["ask", 0])
    graph["cut"] = node("Cut", image=["spot", 0], mask=["find", 0])
    graph["5"] = node("VAEEncode", pixels=["cut", 0], vae=["4", 2])
    found = bind(graph)
    assert found.refusal is None
    assert found.to_dict()["positive"] == ["6.text"]


def test_a_detector_alone_is_told_what_to_look_for_and_several_are_left_alone() -> None:
    graph = {
        "in": node("LoadImage", image="a.png"),
        "one": node("Ground", prompt="face", threshold=0.3, image=["in", 0]),
        "cut": node("Cut", image=["in", 0], mask=["one", 1]),
        "save": node("SaveImage", filename_prefix="x", images=["cut", 0]),
    }
    assert places(graph, "positive") == {"positive": ["one.prompt"]}
    graph["two"] = node("Ground", prompt="hair", threshold=0.3, image=["in", 0])
    graph["cut"]["inputs"]["other"] = ["two", 1]
    found = bind(graph)
    assert found.refusal is None
    assert "positive" not in found.roles


def test_a_pass_over_a_decoded_picture_words_the_same_picture() -> None:
    graph = plain()
    graph["big"] = node("ImageUpscale", image=["8", 0])
    graph["back"] = node("VAEEncode", pixels=["big", 0], vae=["4", 2])
    graph["words"] = node("CLIPTextEncode", text="a fine fox", clip=["4", 1])
    graph["again"] = sampler(denoise=0.4, positive=["words", 0], latent_image=["back", 0])
    graph["decode"] = node("VAEDecode", samples=["again", 0], vae=["4", 2])
    graph = with_inputs(graph, "9", images=["decode", 0])
    found = bind(graph)
    assert found.to_dict()["positive"] == ["6.text", "words.text"]
    assert found.refusal is None
    assert bind(with_inputs(graph, "again", denoise=1.0)).refusal is not None


def test_a_prompt_of_a_service_beside_a_sampler_counts() -> None:
    graph = plain()
    graph["paint"] = node("Paint elsewhere", prompt="a fox", seed=1)
    graph["5"] = node("VAEEncode", pixels=["paint", 0], vae=["4", 2])
    assert places(graph, "positive", "seed") == {
        "positive": ["6.text", "paint.prompt"],
        "seed": ["3.seed", "paint.seed"],
    }


def test_a_loader_with_a_seed_is_no_sampler() -> None:
    graph = plain()
    graph["words"] = node("Text box", text="a fox")
    graph["load"] = node("PipeLoader", positive=["words", 0], negative="blurry", seed=0, empty_latent_width=8)
    graph["3"] = node("PipeSampler", sdxl_tuple=["load", 0], noise_seed=7, steps=9, cfg=2.0)
    assert places(graph, "positive", "negative", "seed") == {
        "positive": ["words.text"],
        "negative": ["load.negative"],
        "seed": ["3.noise_seed"],
    }


def test_what_is_seen_in_a_picture_nobody_wrote() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["tags"] = node("Tagger", image=["in", 0], tags="1girl", exclude_tags="", model="wd")
    graph["style"] = node("Text box", text="best quality")
    graph["join"] = node("Evaluate", python_expression="a + b", print_to_console="False", a=["style", 0], b=["tags", 0])
    found = bind(with_inputs(graph, "6", text=["join", 0]))
    assert found.to_dict()["positive"] == ["style.text"]
    assert found.refusal is None


def test_what_is_put_around_a_prompt_is_not_the_prompt() -> None:
    graph = plain()
    graph["6"] = node("Schedule", text="a fox", pre_text="best quality", app_text="4k", clip=["4", 1])
    assert places(graph, "positive") == {"positive": ["6.text"]}


def test_a_number_in_words_is_computed() -> None:
    graph = plain()
    graph["words"] = node("StringToNumber", text="0.45")
    found = bind(with_inputs(graph, "3", denoise=["words", 0]))
    assert "denoise" not in found.roles
    assert found.problems == ()


def test_a_node_that_saves_with_its_settings_is_no_sampler() -> None:
    graph = plain()
    graph["9"] = node(
        "Image Saver", filename="x", images=["8", 0], positive=["words", 0], steps=1, cfg=1.0, denoise=0.1,
    )  # fmt: skip
    graph["words"] = node("Text", text="something else")
    assert bind(graph).to_dict() == bind(plain()).to_dict()


def test_what_a_node_shows_was_not_written() -> None:
    graph = plain()
    graph["words"] = node("Text box", text="a fox")
    graph["show"] = node("ShowText", text=["words", 0], text_0="an old fox")
    graph["preview"] = node("PreviewAny", source=["show", 0])
    found = bind(with_inputs(graph, "6", text=["preview", 0]))
    assert found.to_dict()["positive"] == ["words.text"]
    assert found.refusal is None


def test_a_wildcard_and_what_it_was_filled_with_are_one_text() -> None:
    graph = plain()
    graph["wild"] = node(
        "Wildcards", wildcard_text="a {red|grey} fox", populated_text="a grey fox", seed=1, mode="fixed"
    )
    found = bind(with_inputs(graph, "6", text=["wild", 0]))
    assert found.to_dict()["positive"] == ["wild.wildcard_text", "wild.populated_text"]
    assert found.refusal is None


def test_a_node_with_a_text_for_each_side_gives_each_to_its_own() -> None:
    graph = plain()
    graph["style"] = node("Styler", text_positive="a fox", text_negative="blurry", style="ink")
    graph["6"]["inputs"]["text"] = ["style", 0]
    graph["7"]["inputs"]["text"] = ["style", 1]
    found = bind(graph)
    assert places(graph, "positive", "negative") == {
        "positive": ["style.text_positive"],
        "negative": ["style.text_negative"],
    }
    assert found.refusal is None


def test_the_words_for_a_lora_and_the_names_of_files_are_no_texts() -> None:
    graph = plain()
    graph["lora"] = node("LoraStack", text="<lora:ink:1>", model=["4", 0], clip=["4", 1])
    graph["encoder"] = node("LoadEncoder", t5_model="umt5.safetensors", precision="bf16")
    graph["words"] = node("Text box", text="a fox")
    graph["join"] = node("Join", text_a=["lora", 2], text_b=["words", 0])
    graph["6"] = node("PackEncode", prompt=["join", 0], text_encoder=["encoder", 0], clip=["4", 1])
    found = bind(graph)
    assert found.to_dict()["positive"] == ["words.text"]
    assert found.refusal is None


def test_a_string_of_a_node_that_hands_conditioning_on_is_a_text_only_when_it_is_called_one() -> None:
    info = {
        "Track": {
            "input": {"required": {"positive": ["CONDITIONING"], "tracks": ["STRING", {}]}},
            "output": ["CONDITIONING"],
            "output_name": ["positive"],
        }
    }
    graph = plain()
    graph["track"] = node("Track", positive=["6", 0], tracks='[{"x": 1}]')
    found = bind(with_inputs(graph, "3", positive=["track", 0]), info)
    assert found.to_dict()["positive"] == ["6.text"]
    assert found.refusal is None


def test_a_part_that_was_left_empty_is_no_second_prompt() -> None:
    graph = plain()
    graph["more"] = node("CLIPTextEncode", text="", clip=["4", 1])
    graph["both"] = node("ConditioningConcat", conditioning_to=["6", 0], conditioning_from=["more", 0])
    found = bind(with_inputs(graph, "3", positive=["both", 0]))
    assert found.to_dict()["positive"] == ["6.text"]
    assert found.refusal is None


def test_the_first_of_any_is_taken() -> None:
    graph = plain()
    graph["other"] = node("EmptyLatentImage", width=64, height=64, batch_size=1)
    graph["any"] = node("Any Switch (x)", any_02=["other", 0], any_01=["5", 0])
    assert places(with_inputs(graph, "3", latent_image=["any", 0]), "width") == {"width": ["5.width"]}


def test_a_text_in_its_place_over_replacement_is_followed_and_its_pattern_is_not() -> None:
    graph = plain()
    graph["frame"] = node("Text box", "Template", text="You are a painter: {words}")
    graph["words"] = node("Text box", "Prompt", text="a fox")
    graph["put"] = node("StringReplace", string=["frame", 0], find="{words}", replace=["words", 0])
    graph["tidy"] = node("RegexReplace", string=["put", 0], regex_pattern="\\s+", replace=" ")
    found = bind(with_inputs(graph, "6", text=["tidy", 0]))
    assert found.to_dict()["positive"] == ["words.text"]
    assert found.refusal is None


def test_an_ender_of_an_unknown_class_that_sends_is_an_output() -> None:
    graph = plain()
    graph["9"] = node("SendImageWebSocket", images=["8", 0])
    found = bind(graph)
    assert found.outputs == (("9", "image"),)
    assert found.refusal is None


def test_speech_without_a_sampler_has_its_words_and_its_seed() -> None:
    graph = {
        "say": node("Speak", text="hello there", seed=3, voice="one"),
        "save": node("SaveAudio", filename_prefix="x", audio=["say", 0]),
    }
    assert bind(graph).to_dict() == {"positive": ["say.text"], "seed": ["say.seed"]}
    shape = {
        "in": node("LoadImage", image="a.png"),
        "make": node("Sculpt", Seed=3, image=["in", 0]),
        "save": node("Preview3D", model_file=["make", 0]),
    }
    assert bind(shape).to_dict() == {"seed": ["make.Seed"], "images": ["in.image"]}


def test_a_size_on_the_sampler_itself_is_the_size() -> None:
    graph = plain()
    graph["3"]["inputs"].update(width=640, height=480, num_frames=49)
    del graph["3"]["inputs"]["latent_image"]
    graph["9"] = node("VideoCombine", filename_prefix="x", frame_rate=8, images=["8", 0])
    assert places(graph, "width", "height", "length", "fps") == {
        "width": ["3.width"],
        "height": ["3.height"],
        "length": ["3.num_frames"],
        "fps": ["9.frame_rate"],
    }


@pytest.mark.parametrize(
    ("loader", "expected"),
    [
        ({"custom_width": 0, "custom_height": 0}, []),
        ({"custom_width": 640, "custom_height": 360}, ["in.custom_width"]),
        ({"width": 640, "height": 360, "aspect_ratio": "16:9"}, []),
        ({"width": 640, "height": 360, "aspect_ratio": "custom"}, ["in.width"]),
        ({"width": 640, "height": 360, "resolution": "512 x 512"}, []),
        ({"width": 640, "height": 360, "resolution": "width x height (custom)"}, ["in.width"]),
    ],
)
def test_a_size_that_is_not_in_use_is_no_place(loader: dict[str, Any], expected: list[str]) -> None:
    graph = plain()
    graph["in"] = node("VHS_LoadVideo", video="a.mp4", **loader)
    graph["5"] = node("VAEEncode", pixels=["in", 0], vae=["4", 2])
    assert places(graph, "width", "videos") == {"width": expected, "videos": ["in.video"]}


def test_a_picture_that_is_then_set_in_motion_has_the_length_of_the_motion() -> None:
    graph = plain()
    graph["move"] = node(
        "Animate", width=1024, height=576, video_frames=25, positive=["6", 0], negative=["7", 0], init_image=["8", 0],
    )  # fmt: skip
    graph["second"] = sampler(positive=["move", 0], negative=["move", 1], latent_image=["move", 2])
    graph["frames"] = node("VAEDecode", samples=["second", 0], vae=["4", 2])
    graph["9"] = node("SaveAnimatedWEBP", filename_prefix="x", fps=10.0, images=["frames", 0])
    assert places(graph, "length", "width") == {"length": ["move.video_frames"], "width": ["5.width"]}


@pytest.mark.parametrize("class_type", ["LoadAndResizeImage", "LoadImageOutput", "Load Image (x)"])
def test_every_loader_of_pictures_counts(class_type: str) -> None:
    graph = with_inputs(plain(), "5")
    graph["in"] = node(class_type, image="a.png")
    graph["5"] = node("VAEEncode", pixels=["in", 0], vae=["4", 2])
    assert places(graph, "images") == {"images": ["in.image"]}


@pytest.mark.parametrize("class_type", ["LoadImageFromUrl", "LoadImageBase64", "LoadImagesFromDirectory"])
def test_a_picture_that_no_upload_can_replace_is_not_asked_for(class_type: str) -> None:
    graph = plain()
    graph["in"] = node(class_type, image="https://example.org/a.png")
    graph["5"] = node("VAEEncode", pixels=["in", 0], vae=["4", 2])
    assert places(graph, "images") == {"images": []}


def test_a_sampler_that_works_on_a_picture_starts_from_it_whatever_its_input_is_called() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["3"]["inputs"] |= {"upscaled_image": ["in", 0], "denoise": 0.3}
    del graph["3"]["inputs"]["latent_image"]
    assert "denoise" not in bind(graph).inert


def test_a_sound_has_one_length() -> None:
    graph = plain()
    graph["5"] = node("EmptyAudio", seconds=120.0, batch_size=1)
    graph["6"] = node("EncodeSong", tags="folk", lyrics="la", duration=120.0, clip=["4", 1])
    graph["9"] = node("SaveAudio", filename_prefix="x", audio=["8", 0])
    assert places(graph, "duration", "lyrics", "positive") == {
        "duration": ["5.seconds", "6.duration"],
        "lyrics": ["6.lyrics"],
        "positive": ["6.tags"],
    }


def test_what_is_made_from_the_words_of_another_input_is_no_text_of_its_own() -> None:
    graph = plain()
    graph["tags"] = node("Text box", text="folk")
    graph["song"] = node("Text box", text="la la")
    graph["score"] = node("Compose", text_a=["tags", 0], text_b=["song", 0], seed=1)
    graph["6"] = node("EncodeSong", tags=["tags", 0], lyrics=["song", 0], text=["score", 0], clip=["4", 1])
    found = bind(graph)
    assert found.refusal is None
    assert found.to_dict()["positive"] == ["tags.text"]
    assert found.to_dict()["lyrics"] == ["song.text"]
