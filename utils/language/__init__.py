"""Texts in the language of whoever reads them. What is written in the code is English, and is what is looked up."""

from __future__ import annotations

from utils.language.joining import commas, together
from utils.language.phrases import Phrase, packed, phrase, phrase_n, unpacked, written
from utils.language.speech import LANGUAGES, say, say_n, speak, speaking, told

__all__ = [
    "LANGUAGES",
    "Phrase",
    "commas",
    "packed",
    "phrase",
    "phrase_n",
    "say",
    "say_n",
    "speak",
    "speaking",
    "together",
    "told",
    "unpacked",
    "written",
]
