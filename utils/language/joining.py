"""Texts that stand beside each other, joined as the reader's language does it."""

from __future__ import annotations

from collections.abc import Iterable

from utils.language.phrases import phrase


def together(sentences: Iterable[str]) -> str:
    """Several sentences as one text; "" where there are none."""
    whole = ""
    for sentence in sentences:
        # Translators: two sentences, one after the other
        whole = phrase("{first} {second}", first=whole, second=sentence) if whole else sentence
    return whole


def commas(texts: Iterable[str]) -> str:
    """Names or choices as one text, with commas between them; "" where there are none.

    A list inside a sentence, which ends in "and", is a tuple as the value of a phrase.
    """
    whole = ""
    for text in texts:
        # Translators: the parts of a list of names or choices, with the comma of the language between them
        whole = phrase("{first}, {second}", first=whole, second=text) if whole else text
    return whole
