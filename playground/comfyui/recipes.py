"""What flows through a graph here instead of tensors: a description of the picture that is being made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


class NodeError(Exception):
    """A node fails while it runs. `exception_type` is the name that the client is told."""

    def __init__(self, message: str, exception_type: str) -> None:
        super().__init__(message)
        self.exception_type = exception_type


@dataclass(frozen=True, slots=True)
class Mask:
    """A file and which of its channels says what may be changed: where it is bright, or dark if `inverted`."""

    path: Path
    channel: str
    inverted: bool = False
    grown: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a picture answers to. None: not said so far.

    `images`: files that went into it, in order; `reference`: they are what is edited or animated, not merely what the
    sampling starts from. `mask`: only there. `audio`: a file of sound that went in; `sound`: what a video sounds like.
    `quick`: the model needs few steps. `model`, `flavour`: names of models, of samplers and schedulers. `pair`: the
    first two outputs are the positive and the negative conditioning. `second`: what the second output hands on instead.
    `value`: what a primitive holds, or a tuple of what each output does.
    """

    width: int | None = None
    height: int | None = None
    batch: int | None = None
    frames: int | None = None
    fps: float | None = None
    seconds: float | None = None
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    guidance: float | None = None
    denoise: float | None = None
    color: int | None = None
    prompt: str = ""
    negative: str = ""
    loras: tuple[tuple[str, float], ...] = ()
    images: tuple[Path, ...] = ()
    mask: Mask | None = None
    audio: Path | None = None
    sound: Recipe | None = None
    model: str = ""
    flavour: str = ""
    reference: bool = False
    quick: bool = False
    sampled: bool = False
    inverted: bool = False
    pair: bool = False
    second: Recipe | None = None
    value: Any = None

    @property
    def count(self) -> int:
        """How many pictures it is: the batch, or the frames of a video."""
        return (self.batch or 1) * (self.frames or 1)

    @property
    def size(self) -> tuple[int, int]:
        return self.width or 512, self.height or 512

    def output(self, slot: int) -> Recipe:
        """What a node hands on through one of its outputs."""
        if isinstance(self.value, tuple):
            return replace(self, value=self.value[slot])
        if self.second is not None and slot == 1:
            return self.second
        if self.pair and slot == 1:
            return replace(self, prompt=self.negative, negative="")
        return self
