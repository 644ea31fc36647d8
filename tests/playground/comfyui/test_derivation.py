from __future__ import annotations

from pathlib import Path

import pytest

from playground.comfyui.derivation import derive, sampling_steps
from playground.comfyui.recipes import Recipe

SIZED = Recipe(width=64, height=32)
WORDS = Recipe(prompt="a fox")
PICTURE = Recipe(width=8, height=8, images=(Path("in.png"),))


def test_both_sides_come_out_of_a_node_that_passes_both_on():
    sources = {"positive": WORDS, "negative": Recipe(prompt="fog"), "start_image": PICTURE}
    made = derive("WanImageToVideo", {"width": 64, "height": 32, "length": 9}, sources, sampler=False)
    assert (made.output(0).prompt, made.output(1).prompt, made.output(1).negative) == ("a fox", "fog", "")
    sides = {"positive": made.output(0), "negative": made.output(1), "latent_image": made.output(2)}
    sampled = derive("KSampler", {"seed": 1, "steps": 4}, sides, sampler=True)
    assert (sampled.prompt, sampled.negative, sampled.frames, sampled.size) == ("a fox", "fog", 9, (64, 32))
    assert sampled.reference


def test_a_negative_that_was_zeroed_stays_empty_behind_a_pair():
    zeroed = derive("ConditioningZeroOut", {}, {"conditioning": WORDS}, sampler=False)
    made = derive("WanImageToVideo", {}, {"positive": WORDS, "negative": zeroed}, sampler=False)
    sides = {"positive": made.output(0), "negative": made.output(1), "latent_image": made.output(2)}
    assert derive("KSampler", {}, sides, sampler=True).negative == ""


def test_a_guider_hands_on_both_sides_at_once():
    made = derive("CFGGuider", {"cfg": 2.0}, {"positive": WORDS, "negative": Recipe(prompt="fog")}, sampler=False)
    assert (made.output(0).prompt, made.output(0).negative) == ("a fox", "fog")


def test_a_picture_to_start_from_is_no_reference():
    sampled = derive("KSampler", {"denoise": 0.5}, {"positive": WORDS, "latent_image": PICTURE}, sampler=True)
    assert sampled.images
    assert not sampled.reference


def test_the_second_of_two_samplers_keeps_the_seed_of_the_first():
    first = derive("KSamplerAdvanced", {"add_noise": "enable", "noise_seed": 7}, {"latent_image": SIZED}, sampler=True)
    literals = {"add_noise": "disable", "noise_seed": 0, "steps": 4, "start_at_step": 2, "end_at_step": 4}
    second = derive("KSamplerAdvanced", literals, {"latent_image": first}, sampler=True)
    assert second.seed == 7
    assert sampling_steps(second, literals) == 2
    assert sampling_steps(second, literals | {"end_at_step": 10000}) == 2


@pytest.mark.parametrize(
    ("literals", "quick"),
    [
        ({"unet_name": "z_image_turbo_bf16.safetensors"}, True),
        ({"unet_name": "flux1-dev.safetensors"}, False),
        ({"lora_name": "wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors"}, True),
        ({"lora_name": "demo_line_art.safetensors"}, False),
        ({"lora_name": "pixel_art_style_z_image_turbo.safetensors"}, False),
    ],
    ids=str,
)
def test_names_tell_what_needs_few_steps_and_a_lora_for_that_changes_nothing_else(literals, quick):
    made = derive("Any", literals, {"model": Recipe()}, sampler=False)
    assert made.quick is quick
    assert bool(made.loras) is (not quick and "lora_name" in literals)
    assert derive("VAEDecode", {}, {"samples": made}, sampler=False).quick is quick


def test_the_rate_of_a_video_reaches_the_node_that_saves_it():
    video = derive("CreateVideo", {"fps": 16.0}, {"images": Recipe(frames=9)}, sampler=False)
    assert derive("SaveVideo", {}, {"video": video}, sampler=False).fps == 16.0
