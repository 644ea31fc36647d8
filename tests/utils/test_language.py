"""Phrases, and saying them in the language of whoever reads."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from gettext import NullTranslations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.language import Phrase, catalogues, packed, phrase, phrase_n, say, say_n, speak, speaking, told, unpacked

GERMAN = {
    "Choose {what}.": "{what} auswählen.",
    "a picture": "ein Bild",
    "{n} picture": "{n} Bild",
    "{n} pictures": "{n} Bilder",
}


class German(NullTranslations):
    def gettext(self, message: str) -> str:
        return GERMAN.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return GERMAN[msgid1 if n == 1 else msgid2]


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "catalogue", lambda language: German())


def test_a_phrase_reads_in_english() -> None:
    text = phrase("Choose {what}.", what=phrase("a picture"))
    assert text == "Choose a picture."
    assert isinstance(text, str)
    assert told(text) == "Choose a picture."
    assert type(told(text)) is str


def test_values_that_are_phrases_are_said_in_the_same_language() -> None:
    text = phrase("Choose {what}.", what=phrase("a picture"))
    assert told(text, "de") == "ein Bild auswählen."
    with speaking("de"):
        assert told(text) == "ein Bild auswählen."
        assert say("Choose {what}.", what="this") == "this auswählen."
    assert told(text) == "Choose a picture."


def test_what_is_counted_has_a_form_for_one() -> None:
    assert phrase_n("{n} picture", "{n} pictures", 1) == "1 picture"
    assert phrase_n("{n} picture", "{n} pictures", 0) == "0 pictures"
    with speaking("de"):
        assert say_n("{n} picture", "{n} pictures", 1) == "1 Bild"
        assert say_n("{n} picture", "{n} pictures", 3) == "3 Bilder"


def test_lists_are_joined_as_the_language_does() -> None:
    text = phrase("Choose {what}.", what=("a", phrase("a picture"), 2))
    assert text == "Choose a, a picture and 2."
    assert told(text, "de") == "a, ein Bild und 2 auswählen."
    assert phrase("Choose {what}.", what=()) == "Choose ."
    assert phrase("Choose {what}.", what=["a"]) == "Choose a."


def test_numbers_read_as_people_write_them() -> None:
    assert phrase("Choose {what}.", what=2.0) == "Choose 2."
    assert told(phrase("Choose {what}.", what=2.0), "de") == "2 auswählen."


@pytest.mark.parametrize(("locale", "number"), [("de", "0,75"), ("es-ES", "0,75"), ("es-419", "0.75"), ("ja", "0.75")])
def test_a_fraction_has_the_decimal_mark_of_the_language(locale: str, number: str) -> None:
    text = phrase("Choose {what}.", what=phrase("Choose {what}.", what=(0.75,)))
    assert text == "Choose Choose 0.75.."
    assert number in told(text, locale)
    with speaking(locale):
        assert number in told(text)


def test_a_number_that_is_typed_back_stays_as_it_is() -> None:
    assert told(phrase("Choose {what}.", what=("0.75", 18_446_744_073_709_551_615)), "de") == (
        "0.75 und 18446744073709551615 auswählen."
    )


def test_a_text_of_somebody_is_said_as_it_is() -> None:
    with speaking("de"):
        assert told("a picture") == "a picture"
        assert say("Choose {what}.", what="{n} %s {") == "{n} %s { auswählen."


def test_an_unknown_language_reads_english() -> None:
    assert told(phrase("a picture"), "xx") == "a picture"
    with speaking(None):
        assert say("a picture") == "a picture"


async def test_a_language_is_spoken_in_one_task_and_those_it_starts() -> None:
    async def german() -> tuple[str, str]:
        speak("de")
        return say("a picture"), await asyncio.create_task(_said())

    async def _said() -> str:
        return say("a picture")

    assert await asyncio.create_task(german()) == ("ein Bild", "ein Bild")
    assert say("a picture") == "a picture"


def test_a_phrase_outlasts_a_store() -> None:
    text = phrase("Choose {what}.", what=(phrase_n("{n} picture", "{n} pictures", 3), "x"))
    kept = json.loads(json.dumps(packed({"a": [text], "b": 1, "c": None, "d": "plain"})))
    back = unpacked(kept)
    assert back == {"a": ["Choose 3 pictures and x."], "b": 1, "c": None, "d": "plain"}
    assert told(back["a"][0], "de") == "3 Bilder und x auswählen."


def test_a_phrase_is_kept_in_english_where_it_is_a_name() -> None:
    kept = packed({phrase("a picture"): phrase("a picture")})
    assert [type(name) for name in kept] == [str]
    assert unpacked(orjson.loads(orjson.dumps(kept))) == {"a picture": "a picture"}


def test_what_merely_looks_like_a_kept_phrase_stays() -> None:
    for value in ({"phrase": "a", "other": 1}, {"phrase": "a"}, {"phrase": "a", "values": 3}):
        assert unpacked(value) == value


@pytest.mark.parametrize("message", ["Choose {what}.", "Choose {.", 3])
def test_a_kept_phrase_that_is_damaged_is_still_a_text(message: object) -> None:
    assert unpacked({"phrase": message, "values": {"other": 1}}) == str(message)


def test_a_phrase_is_the_same_after_copies() -> None:
    text = phrase_n("{n} picture", "{n} pictures", 3)
    for again in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert isinstance(again, Phrase)
        assert told(again, "de") == "3 Bilder"


@given(st.text())
def test_values_are_never_read_as_templates(value: str) -> None:
    assert phrase("{what}", what=value) == value


def test_a_message_without_values_may_hold_braces() -> None:
    assert phrase("a {b} c") == "a {b} c"
    assert told(phrase("a {b} c"), "de") == "a {b} c"
