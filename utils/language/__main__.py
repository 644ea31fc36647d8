"""``python -m utils.language``: brings the catalogues up to what the code says, and tells what is left to translate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from utils.language.catalogues import path_of
from utils.language.speech import LANGUAGES

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "core", "config", "utils")
KEYWORDS: dict[str, tuple[int, ...] | None] = {"phrase": None, "say": None, "phrase_n": (1, 2), "say_n": (1, 2)}
_METHODS = [("**.py", "python")]
_HEADER = """\
# DisComfy in {language}.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def template() -> Catalog:
    """What the code says."""
    found = Catalog(fuzzy=False)
    for package in PACKAGES:
        extracted: Iterable[tuple[str, int, str | tuple[str, ...], list[str], str | None]] = extract_from_dir(
            ROOT / package, _METHODS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for filename, _, message, comments, _ in extracted:
            found.add(message, locations=[(f"{package}/{filename}", 0)], auto_comments=comments)
    return found


def read(language: str) -> Catalog:
    """A catalogue as it is; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalogue: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    name = Locale.parse(language).english_name
    header = _HEADER.format(language=name, locale=language, plural_forms=catalogue.plural_forms)
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(
            file,
            catalogue,
            width=120,
            ignore_obsolete=True,
            sort_output=True,
            include_lineno=False,
            omit_header=True,
        )


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """What nobody has translated, or only guessed."""
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(strings)):
            yield message


def main() -> None:
    said = template()
    for language in sorted(set(LANGUAGES.values())):
        catalogue = read(language)
        catalogue.update(said, no_fuzzy_matching=True, update_creation_date=False)
        write(language, catalogue)
        print(f"{language}: {len(list(untranslated(catalogue)))} of {len(said)} to translate")


if __name__ == "__main__":
    main()
