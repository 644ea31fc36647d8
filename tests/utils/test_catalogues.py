"""The catalogues against the code, and against what the English says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from utils.language import LANGUAGES, catalogues
from utils.language.__main__ import read, template, untranslated

ALL = sorted(set(LANGUAGES.values()))
#: What is the same in every language: code, commands, Discord's own marks, addresses.
_LITERALS = re.compile(r"`[^`]*`|(?<![A-Za-z0-9_/])/[a-z]+(?![A-Za-z0-9_])|<t:[^>]*>|https?://\S+|\*\*|-# ")


@cache
def said() -> Catalog:
    return template()


@cache
def catalogue(language: str) -> Catalog:
    return read(language)


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """English and translation of every form; the forms of other languages go with the English plural."""
    if isinstance(message.string, tuple):
        for text in message.string:
            yield message.id[-1], text
    else:
        yield str(message.id), str(message.string or "")


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ALL)
def test_everything_is_translated(language: str) -> None:
    assert [message.id for message in untranslated(catalogue(language))] == []


@pytest.mark.parametrize("language", ALL)
def test_a_catalogue_has_what_the_code_says_and_no_more(language: str) -> None:
    there, wanted = ({str(message.id) for message in each if message.id} for each in (catalogue(language), said()))
    assert there == wanted, "python -m utils.language brings the catalogues up to date"


@pytest.mark.parametrize("language", ALL)
def test_a_translation_has_the_values_of_the_english(language: str) -> None:
    wrong = [
        (english, text)
        for message in catalogue(language)
        if message.id and "{" in str(message.id)
        for english, text in forms(message)
        if not names(text) <= names(english) or names(english) - names(text) - {"n"}
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ALL)
def test_commands_code_and_marks_stay_as_they_are(language: str) -> None:
    wrong = [
        (english, text)
        for message in catalogue(language)
        if message.id
        for english, text in forms(message)
        if Counter(_LITERALS.findall(english)) != Counter(_LITERALS.findall(text))
    ]
    assert wrong == []


def test_a_command_is_seen_where_letters_of_other_scripts_touch_it() -> None:
    assert _LITERALS.findall("一覧は/workflowsで、/queue에서, and/or 1/x a/b") == ["/workflows", "/queue"]


@pytest.mark.parametrize("language", ALL)
def test_a_translation_ends_as_the_english_does(language: str) -> None:
    ends = {".": ".。", "?": "?？", ":": ":：", "…": "…", "!": ""}
    wrong = [
        (english, text)
        for message in catalogue(language)
        if message.id
        for english, text in forms(message)
        if text != text.strip() or (english[-1] in ends and text[-1:] not in ends[english[-1]])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ALL)
def test_it_is_read_by_readers_of_the_language(language: str) -> None:
    compiled = catalogues.catalogue(language)
    said_otherwise = (m for m in catalogue(language) if isinstance(m.id, str) and m.id and m.string != m.id)
    message = next(said_otherwise)
    assert compiled.gettext(str(message.id)) == message.string
