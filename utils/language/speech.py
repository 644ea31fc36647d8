"""Saying phrases in the language of the moment: that of the user whose interaction, or whose job, is at hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from utils.language import catalogues
from utils.language.phrases import Phrase, filled, phrase, phrase_n, written

#: Discord's name of a language → our catalogue. All others read English.
LANGUAGES = {
    "de": "de",
    "es-419": "es",
    "es-ES": "es",
    "fr": "fr",
    "ja": "ja",
    "ko": "ko",
    "pt-BR": "pt_BR",
    "zh-CN": "zh_CN",
    "zh-TW": "zh_TW",
}

_ENGLISH = "en-US"
_locale: ContextVar[str] = ContextVar("locale", default=_ENGLISH)


def speak(locale: str | None) -> None:
    """From here on, in this task and those it starts, texts are said in the language of ``locale``; None: English."""
    _locale.set(locale or _ENGLISH)


@contextlib.contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """In the block, texts are said in the language of ``locale``; None: English."""
    before = _locale.set(locale or _ENGLISH)
    try:
        yield
    finally:
        _locale.reset(before)


def told(text: str, locale: str | None = None) -> str:
    """A text in the language of the moment, or of ``locale``. What is no phrase stays as it is."""
    language = LANGUAGES.get(locale or _locale.get())
    if language is None or not isinstance(text, Phrase):
        return str(text)
    catalogue = catalogues.catalogue(language)
    if text.many is None:
        template = catalogue.gettext(text.message)
    else:
        template = catalogue.ngettext(text.message, text.many, text.number)
    return filled(template, {name: _told(value, language, locale) for name, value in text.values.items()})


def say(message: str, /, **values: Any) -> str:
    """A text for the reader of the moment; as `phrase` takes it."""
    return told(phrase(message, **values))


def say_n(one: str, many: str, number: int, /, **values: Any) -> str:
    """The same for what is counted; as `phrase_n` takes it."""
    return told(phrase_n(one, many, number, **values))


def _told(value: Any, language: str, locale: str | None) -> str:
    if isinstance(value, list | tuple):
        return _listed([_told(inner, language, locale) for inner in value], language)
    if isinstance(value, str):
        return told(value, locale)
    return _pointed(written(value), locale or _locale.get()) if isinstance(value, float) else written(value)


def _pointed(number: str, locale: str) -> str:
    """A number with the decimal mark of Discord's ``locale``: in Spanish a comma in Spain, a point in Mexico."""
    from babel import Locale
    from babel.numbers import get_decimal_symbol

    return number.replace(".", get_decimal_symbol(Locale.parse(locale, sep="-")))


def _listed(parts: Sequence[str], language: str) -> str:
    from babel.lists import format_list

    return format_list(parts, locale=language)
