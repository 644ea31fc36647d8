"""The folder that a missing model file belongs in."""

from __future__ import annotations

import pytest

from core.comfyui.workflows.model_folders import folder_of


@pytest.mark.parametrize(
    ("node_class", "name", "folder"),
    [
        ("CheckpointLoaderSimple", "ckpt_name", "checkpoints"),
        ("UNETLoader", "unet_name", "diffusion_models"),
        ("DualCLIPLoader", "clip_name2", "text_encoders"),
        ("CLIPVisionLoader", "clip_name", "clip_vision"),
        ("LoraLoader", "lora_name", "loras"),
        ("VAELoader", "vae_name", "vae"),
        ("UpscaleModelLoader", "model_name", "upscale_models"),
        ("AudioEncoderLoader", "audio_encoder_name", "audio_encoders"),
        ("ModelPatchLoader", "name", "model_patches"),
        ("Unheard", "model_name", None),
    ],
)
def test_class_and_input_tell_the_folder_and_the_class_has_the_last_word(
    node_class: str, name: str, folder: str | None
) -> None:
    assert folder_of(node_class, name, "x.safetensors") == folder


@pytest.mark.parametrize("value", ["none", "fox.png", "", 3, None, ["1", 0]])
def test_what_is_no_model_file_has_none(value: object) -> None:
    assert folder_of("CheckpointLoaderSimple", "ckpt_name", value) is None
