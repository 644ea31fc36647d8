"""What a server is told at its start; everything but `max_upload_size` may change while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from .samples import SAMPLES


@dataclass(slots=True)
class Settings:
    """`step_seconds`: seconds per sampler step. `max_upload_size`: bytes of a request body.

    `paced`: a step of `step_seconds` is one of a megapixel, larger ones take longer; other nodes take their time too.

    `sample`: the picture of a server that does not draw.
    """

    step_seconds: float = 0.0
    previews: bool = False
    paced: bool = False
    draw: bool = True
    newer: bool = False
    max_upload_size: int = 104_857_600
    sample: bytes = SAMPLES["png"]
