"""Pictures, masks, videos and sounds that go in, in their order, and the kinds of files that come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.comfyui.workflows.graph import GraphView, Link, Place
from core.comfyui.workflows.reasons import arrival_of

_LOADERS = (
    ("images", re.compile(r"(?i)^(?!.*(?:mask|folder|dir|set|base64|url|path)).*load.*image"), ("image",)),
    ("masks", re.compile(r"(?i)load_?image.*mask"), ("image",)),
    ("videos", re.compile(r"(?i)load_?video"), ("file", "video")),
    ("audios", re.compile(r"(?i)load_?audio"), ("audio", "audio_file")),
)
_BEFORE = re.compile(r"(?i)^(?:conditioning|positive|start|first|clip_vision_start|image1?$|destination|model)")
_AFTER = re.compile(r"(?i)(?:^|_)(?:end|last)(?:_|$)|mask|negative")
_NUMBER = re.compile(r"(\d+)")
_FILES = (
    ("3d", re.compile(r"(?i)glb|3d|mesh|model")),
    ("audio", re.compile(r"(?i)audio")),
    ("video", re.compile(r"(?i)video|animated|webm")),
    ("text", re.compile(r"(?i)any|text|string")),
)


def loaded_media(view: GraphView) -> dict[str, dict[Place, str]]:
    """Role (images, masks, videos, audios) → the file inputs of the loaders that are in use, in order, with the reason.

    The order is that in which they arrive: image1 before image2, start before end, the inner link of a chain before
    the outer. A picture of which only the mask is taken is a mask.
    """
    found: dict[str, dict[Place, str]] = {}
    for (node_id, slot), fed in _arrivals(view):
        inputs = view.inputs(node_id)
        for role, names in _loads(view.class_of(node_id)):
            name = next((n for n in names if n in inputs), None)
            if name is None:
                continue
            place = view.number(node_id, name)
            kind = "masks" if role == "images" and slot == 1 else role
            if place and place not in found.setdefault(kind, {}):
                found[kind][place] = arrival_of(view, place, fed)
    return found


@lru_cache(maxsize=4096)
def _loads(class_type: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a class loads, and the inputs that may name the file."""
    return tuple((role, names) for role, loader, names in _LOADERS if loader.search(class_type))


def media_of(view: GraphView, output: str) -> str:
    """What an output node gives: image, video, audio, 3d or text."""
    name = view.class_of(output)
    if view.schema.is_partner(name):
        return "3d"
    return next((media for media, pattern in _FILES if pattern.search(name)), "image")


def _arrivals(view: GraphView) -> Iterator[tuple[Link, Place]]:
    """Every output that is used on the way to a result, each after what feeds it, in the order of the inputs.

    With each goes the input that it arrives at.
    """
    seen: set[Link] = set()
    entered: set[str] = set()
    stack = [(*fed, False) for output in reversed(view.roots) for fed in _ordered(view, output)[::-1]]
    while stack:
        link, fed, finished = stack.pop()
        if finished:
            yield link, fed
        elif link not in seen:
            seen.add(link)
            stack.append((link, fed, True))
            if link.node_id not in entered:
                entered.add(link.node_id)
                stack.extend((*before, False) for before in _ordered(view, link.node_id)[::-1])


def _ordered(view: GraphView, node_id: str) -> list[tuple[Link, Place]]:
    named = sorted(view.live_links(node_id), key=lambda item: _rank(item[0]))
    return [(link, Place(node_id, name)) for name, link in named]


@lru_cache(maxsize=4096)
def _rank(name: str) -> tuple[int, str, int]:
    """Numbered inputs by their number, the start before the end; else as the file has them."""
    number = _NUMBER.search(name)
    stem = name[: number.start()] if number else ""
    side = -1 if _BEFORE.search(name) else 1 if _AFTER.search(name) else 0
    return side, stem, int(number[1]) if number else 0
