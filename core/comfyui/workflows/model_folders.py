"""The folder below ``models/`` that a loader takes its files from, by the names of class and input (ComfyUI 0.3.64)."""

from __future__ import annotations

import re

MODEL_FILE = re.compile(r"(?i)\.(?:safetensors|sft|ckpt|pt2?|pth|bin|pkl|gguf|onnx)$")
"""How the names of model files end."""

_BY_CLASS = (
    (re.compile(r"(?i)clip_?vision"), "clip_vision"),
    (re.compile(r"(?i)upscale.?model|upscalemodel"), "upscale_models"),
    (re.compile(r"(?i)audio_?encoder"), "audio_encoders"),
    (re.compile(r"(?i)model_?patch"), "model_patches"),
)
_BY_INPUT = (
    (re.compile(r"^(?:ckpt|checkpoint)(?:_name)?\d*$"), "checkpoints"),
    (re.compile(r"^unet(?:_name)?\d*$"), "diffusion_models"),
    (re.compile(r"^lora(?:_name)?_?\d*$"), "loras"),
    (re.compile(r"^vae(?:_name)?\d*$"), "vae"),
    (re.compile(r"^clip(?:_name)?\d*$"), "text_encoders"),
    (re.compile(r"^control_net(?:_name)?\d*$"), "controlnet"),
    (re.compile(r"^style_model(?:_name)?$"), "style_models"),
    (re.compile(r"^gligen(?:_name)?$"), "gligen"),
    (re.compile(r"^hypernetwork(?:_name)?$"), "hypernetworks"),
    (re.compile(r"^photomaker_model(?:_name)?$"), "photomaker"),
)


def folder_of(node_class: str, name: str, value: object) -> str | None:
    """The folder of a model file; None where the names don't tell, or the value is no file's name."""
    if not isinstance(value, str) or not MODEL_FILE.search(value):
        return None
    found = [folder for pattern, folder in _BY_CLASS if pattern.search(node_class)]
    found += [folder for pattern, folder in _BY_INPUT if pattern.search(name)]
    return found[0] if found else None
