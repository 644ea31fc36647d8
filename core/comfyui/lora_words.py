"""The words that a LoRA answers to, as the metadata of its file tell them.

Which keys there are: the modelspec standard's, and those that trainers write (``ss_…``). Whoever made the file may have
put anything there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import orjson

_TOLD = ("modelspec.trigger_phrase", "ss_trigger_words", "trigger_phrase", "trigger_words", "trigger_word")
_MOST_WORDS, _LONGEST = 8, 60
_MOST_DATASETS, _MOST_TAGS, _MOST_JSON = 1_000, 50_000, 4 * 1024 * 1024
#: Of the times that the most frequent tag has: what is rarer is about single pictures.
_OFTEN = 0.5
#: Folders of training pictures are called after how often each is repeated, and what they show.
_FOLDER = re.compile(r"\d+_(.+)", re.DOTALL)


def words_of(file: str, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """At most eight words or phrases of up to 60 characters, the surest way of telling them first that gives some.

    That is what the file says they are; the tags that most of its training pictures had; what their folders were
    called; the name that it was trained under.

    Args:
        file: its name on the server.
        metadata: of its header, as ``/view_metadata`` gives it.
    """
    datasets = _datasets(metadata.get("ss_tag_frequency"))
    folders = (match[1] for name in datasets if (match := _FOLDER.fullmatch(name)))
    for texts in (_told(metadata), _frequent(datasets.values()), folders, _trained_as(file, metadata)):
        words = {word.casefold(): word for text in islice(texts, _MOST_TAGS) if (word := _clean(text))}
        if words:
            return tuple(islice(words.values(), _MOST_WORDS))
    return ()


def _told(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key in _TOLD:
        value = metadata.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield from text.split(",")


def _datasets(value: object) -> dict[str, Mapping[str, Any]]:
    """Folder → tag → how many pictures had it."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if len(value) <= _MOST_JSON else None
        except orjson.JSONDecodeError:
            value = None
    pairs = islice(value.items(), _MOST_DATASETS) if isinstance(value, dict) else ()
    return {str(name): tags for name, tags in pairs if isinstance(tags, dict)}


def _frequent(datasets: Iterable[Mapping[str, Any]]) -> list[str]:
    counts = Counter[str]()
    for tag, count in islice((pair for tags in datasets for pair in tags.items()), _MOST_TAGS):
        if isinstance(count, int) and not isinstance(count, bool):
            counts[str(tag)] += max(count, 0)
    most = max(counts.values(), default=0)
    # A tag of one picture is a caption: it describes that one and nothing else.
    return [tag for tag, count in counts.most_common() if count > 1 and count >= _OFTEN * most]


def _trained_as(file: str, metadata: Mapping[str, Any]) -> Iterator[str]:
    name = metadata.get("ss_output_name")
    if isinstance(name, str) and name.casefold() != PurePosixPath(file.replace("\\", "/")).stem.casefold():
        yield name


def _clean(text: str) -> str:
    """On one line, without what cannot be seen; nothing where it is no word but a text."""
    word = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST]).split())
    return word if len(word) <= _LONGEST else ""
