"""What people call the parameters: at the head of a field, and in the middle of a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from utils.language import phrase

LABELS: Mapping[str, str] = {
    "prompt": phrase("Prompt"),
    "negative_prompt": phrase("Negative prompt"),
    "width": phrase("Width"),
    "height": phrase("Height"),
    "steps": phrase("Steps"),
    "cfg": phrase("CFG"),
    "guidance": phrase("Guidance"),
    # Translators: how much of a picture is replaced by what is made of it, from 0 to 1
    "denoise": phrase("Strength"),
    "sampler": phrase("Sampler"),
    "scheduler": phrase("Scheduler"),
    "seed": phrase("Seed"),
    # Translators: how many pictures are made at once
    "batch_size": phrase("Batch size"),
    # Translators: the length of a video, counted in frames
    "length": phrase("Frames"),
    "fps": phrase("Frames a second"),
    # Translators: the length of a video or a sound in seconds
    "duration": phrase("Seconds"),
    # Translators: by how much a picture is enlarged
    "upscale_factor": phrase("Factor"),
    "lyrics": phrase("Lyrics"),
    "lora_strength": phrase("LoRA strength"),
}

NOUNS: Mapping[str, str] = {
    "prompt": phrase("prompt"),
    "negative_prompt": phrase("negative prompt"),
    "width": phrase("width"),
    "height": phrase("height"),
    "steps": phrase("steps"),
    "cfg": phrase("cfg"),
    "guidance": phrase("guidance"),
    # Translators: how much of a picture is replaced by what is made of it, from 0 to 1
    "denoise": phrase("strength"),
    "sampler": phrase("sampler"),
    "scheduler": phrase("scheduler"),
    "seed": phrase("seed"),
    # Translators: how many pictures are made at once
    "batch_size": phrase("batch size"),
    # Translators: the length of a video, counted in frames
    "length": phrase("frames"),
    "fps": phrase("frames a second"),
    # Translators: the length of a video or a sound in seconds
    "duration": phrase("seconds"),
    # Translators: by how much a picture is enlarged
    "upscale_factor": phrase("factor"),
    "lyrics": phrase("lyrics"),
    "lora_strength": phrase("lora strength"),
}


def word(name: str) -> str:
    """What a parameter is called at the head of a field."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def noun(name: str) -> str:
    """What a parameter is called in the middle of a sentence, and in a list."""
    return NOUNS.get(name) or name.replace("_", " ").lower()
