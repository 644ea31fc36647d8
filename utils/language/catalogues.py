"""The translations: one file of gettext's format a language, read when the first reader of it comes."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

DOMAIN = "discomfy"
FOLDER = Path(__file__).parents[1] / "locale"


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalogue(language: str) -> GNUTranslations:
    """The texts of a language; those that it lacks are said in English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    # Compiled here and not when the project is built: a checkout has no build, and nothing can be out of date.
    compiled = io.BytesIO()
    with path_of(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
