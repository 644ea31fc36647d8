"""Suggestions while somebody types, over as many LoRAs as a server may have."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz, process, utils

from benchmarks.rows import Row, interleaved
from bot.choices import GOOD_ENOUGH, MAX_CHOICES, names_of
from bot.loras import complete_loras

_LORAS = 5_000
_WORDS = ("watercolour", "ink", "portrait", "anime", "film grain", "neon", "oil", "pixel", "sketch", "velvet")
_FOLDERS = ("styles", "characters/old", "flux", "sdxl/people", "")
#: One that no name holds as it is typed: everything has to be compared. And the last of several.
_TYPED = {"one": "watercolr neon 499", "the third": "style 7:0.8, style 8, watercolr neon 499"}
_MOST = 1.4


def completion(short: bool) -> Iterator[Row]:
    """A key's worth of work, against comparing prepared strings with what was typed and nothing else."""
    loras = [_name(n) for n in range(_LORAS)]
    prepared = [utils.default_process(name) for name in loras]
    wanted = utils.default_process(_TYPED["one"])
    for what, typed in _TYPED.items():
        floor, ours = interleaved(
            lambda: process.extract(wanted, prepared, scorer=fuzz.WRatio, limit=MAX_CHOICES, score_cutoff=GOOD_ENOUGH),
            lambda typed=typed: complete_loras(typed, names_of(list(loras))),
            10 if short else 50,
        )
        figures = f"{ours * 1e3:.1f} ms a key against {floor * 1e3:.1f} ms for rapidfuzz alone"
        yield Row(f"autocomplete of {_LORAS:,} LoRAs, {what}", ours / floor, _MOST, "×", figures)


def _name(number: int) -> str:
    words = f"{_WORDS[number % 10]} {_WORDS[number // 10 % 10]} {number}"
    folder = _FOLDERS[number % 5]
    return f"{folder}/{words}.safetensors" if folder else f"style {number}.safetensors"
