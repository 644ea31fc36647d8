"""Texts beside each other, as the reader's language joins them."""

from __future__ import annotations

import pytest

from utils.language import commas, phrase, together, told


@pytest.mark.parametrize(
    ("language", "names", "sentences"),
    [
        ("en-US", "a, b, c", "ComfyUI lacks a. Cancelled."),
        ("de", "a, b, c", "In ComfyUI fehlt: a. Abgebrochen."),
        ("ja", "a、b、c", "ComfyUIに不足しているもの：a。キャンセルしました。"),
        ("zh-TW", "a、b、c", "ComfyUI 缺少a。已取消。"),
    ],
)
def test_names_and_sentences_are_joined_as_the_language_does(language: str, names: str, sentences: str) -> None:
    assert told(commas("abc"), language) == names
    assert told(together([phrase("ComfyUI lacks {things}.", things="a"), phrase("Cancelled.")]), language) == sentences


@pytest.mark.parametrize("join", [commas, together])
def test_what_stands_alone_stays_as_it_is(join: object) -> None:
    assert callable(join)
    assert (join([]), join(["a"])) == ("", "a")
    one = phrase("Cancelled.")
    assert join([one]) is one
