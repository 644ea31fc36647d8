"""Finding names: autocomplete, and what a user may have meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from heapq import nlargest
from itertools import accumulate

from bot.errors import UserError
from utils.language import Phrase, commas, phrase

#: Discord takes 25 choices of 100 characters.
MAX_CHOICES = 25
MAX_LENGTH = 100
#: How much a name must resemble what was typed, of 100.
GOOD_ENOUGH = 60
#: The same of its words on the whole, of which some may be in none of the names: one of two will do.
MANY_ENOUGH = 45
_KEPT_LISTS = 8
_MOST_MEANT = 4_096
#: Characters and words that are compared with names, and names that are named where several are meant.
_COMPARED = 200
_WORDS = 8
_NAMED = 3
#: What the names are of → the sentences about one that several have, that none has but nearly, and that none has.
_SENTENCES = {
    "workflow": (
        phrase('There are several workflows "{name}"; name one in full: {names}.'),
        phrase('There is no workflow "{name}"; did you mean "{near}"?'),
        phrase('There is no workflow "{name}".'),
    ),
    "LoRA": (
        phrase('There are several LoRAs "{name}"; name one in full: {names}.'),
        phrase('There is no LoRA "{name}"; did you mean "{near}"?'),
        phrase('There is no LoRA "{name}".'),
    ),
}
#: Stands for the part of a name that is left out.
_GAP = "…"
#: The fewest characters that tell a name from another.
_FEWEST = 6


class Names:
    """A list of names, prepared once for all that is searched in it. `names_of` keeps those of the last lists."""

    def __init__(self, names: Sequence[str]) -> None:
        self.all = tuple(names)
        self._meant: dict[str, str | None] = {}

    @cached_property
    def _folded(self) -> list[str]:
        return [name.casefold() for name in self.all]

    @cached_property
    def _processed(self) -> list[str]:
        from rapidfuzz import utils

        return [utils.default_process(name) for name in self.all]

    @cached_property
    def _stems(self) -> list[str]:
        return list(map(_stem, self.all))

    @cached_property
    def _ends(self) -> _Ends:
        return _Ends(self.all)

    @cached_property
    def _stem_ends(self) -> _Ends:
        return _Ends(self._stems)

    @cached_property
    def _by_folded(self) -> dict[str, list[int]]:
        return _places(self._folded)

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        return _places(self._stems)

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(map(_bare, self.all))

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.all)

    def matches(self, text: str, limit: int = MAX_CHOICES) -> list[str]:
        """At most ``limit`` of them: those that contain the text in their order, then those that resemble it."""
        wanted = text.strip()[:_COMPARED].casefold()
        if not wanted:
            return list(self.all[:limit])
        found = dict.fromkeys(at for at, name in enumerate(self._folded) if wanted in name)
        if len(found) < limit:
            found |= dict.fromkeys(self._alike(wanted, limit))
        return [self.all[at] for at in list(found)[:limit]]

    def knows(self, text: str) -> bool:
        """Whether that is one of them, or what is left of one without its ending, or without folder and ending."""
        return text in self._set or _bare(text) in self._bare or _bare(text) in self._by_stem

    def find(self, text: str, *, kind: str, label: Callable[[str], str] | None = None) -> str:
        """The one that somebody wrote: with or without folder, ending and capitals, or with a gap in it.

        Args:
            kind: what it is the name of, for the sentence: workflow or LoRA.
            label: how people call what has a name, where they call it otherwise.

        Raises:
            UserError: none or several fit; the message names the nearest.
        """
        wanted = text.strip()
        several, nearly, none = _SENTENCES[kind]
        if wanted in self._set:
            return wanted
        for found in self._readings(wanted, label):
            if len(found) == 1:
                return found[0]
            if found:
                names = commas(phrase('"{name}"', name=choice_value(name)) for name in found[:_NAMED])
                raise UserError(Phrase(several, {"name": choice_value(wanted), "names": names}))
        if near := self._alike(wanted.casefold(), 1):
            raise UserError(Phrase(nearly, {"name": choice_value(wanted), "near": choice_value(self.all[near[0]])}))
        raise UserError(Phrase(none, {"name": choice_value(wanted)}))

    def meant(self, text: str) -> str | None:
        """As `find`, but None where none or several fit."""
        if text in self._set:
            return text
        if text not in self._meant:
            found = next(filter(None, self._readings(text.strip(), None)), [])
            if len(self._meant) >= _MOST_MEANT:
                self._meant.clear()
            self._meant[text] = found[0] if len(found) == 1 else None
        return self._meant[text]

    def shortened(self, name: str, room: int) -> str | None:
        """One of them as `find` finds it, in at most ``room`` characters; None where that can't be."""
        if len(name) <= room:
            return name
        stem = name.replace("\\", "/").rpartition("/")[2].removesuffix(".safetensors")
        kept = room - len(_GAP)
        short = [stem] if len(stem) <= room else []
        if kept >= _FEWEST:
            short += [_without_middle(stem, kept), f"{_GAP}{name[-kept:]}", f"{stem[:kept]}{_GAP}"]
            short += [_without_middle(name, kept), f"{name[:kept]}{_GAP}"]
        return next((text for text in short if self.meant(text) == name), None)

    def _readings(self, wanted: str, label: Callable[[str], str] | None) -> Iterator[list[str]]:
        head, gap, tail = wanted.partition(_GAP)
        folded, stem = wanted.casefold(), _stem(wanted)
        if gap:
            yield [self.all[at] for at in self._ends.places(head, tail)]
            yield [self.all[at] for at in self._stem_ends.places(head.casefold(), tail.casefold())]
        if label is not None:
            yield [name for name in self.all if label(name).strip().casefold() == folded]
        yield [self.all[at] for at in self._by_folded.get(folded, ())]
        yield [self.all[at] for at in self._by_stem.get(stem, ())]

    def _alike(self, text: str, limit: int) -> list[int]:
        """Places of those that resemble the text, the nearest first; its words may stand in any order."""
        from rapidfuzz import fuzz, process, utils

        wanted = utils.default_process(text[:_COMPARED])
        words = wanted.split()[:_WORDS]
        if len(words) < 2:
            ranked = process.extract(wanted, self._processed, scorer=fuzz.WRatio, limit=limit, score_cutoff=GOOD_ENOUGH)
            return [place for _, _, place in ranked]
        # as a whole, names resemble it all alike that have but one of its words
        near, scores = partial(process.extract, scorer=fuzz.partial_ratio, limit=None), dict[int, float]()
        for word in words:
            for _, score, place in near(word, self._processed, score_cutoff=GOOD_ENOUGH):
                scores[place] = scores.get(place, 0.0) + score
        least = len(words) * MANY_ENOUGH
        good = [place for place, score in scores.items() if score >= least]
        return nlargest(limit, good, key=lambda place: (scores[place], -place))


@lru_cache(maxsize=_KEPT_LISTS)
def _kept(names: tuple[str, ...]) -> Names:
    return Names(names)


def names_of(names: Iterable[str]) -> Names:
    """A list ready to be searched; prepared once as long as the list stays the same."""
    return _kept(tuple(names))


def choice_value(name: str) -> str:
    """A name as a choice's value: `Names.find` finds it again although Discord cuts it at 100 characters."""
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 1] + _GAP


class _Ends:
    """Finds texts by how they begin and end, in one long string of them all: thousands are passed over at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self._joined = "\0".join(["", *texts, ""])

    def places(self, head: str, tail: str) -> list[int]:
        """Of the first few that begin and end so, and are no shorter than both together."""
        begin, end = f"\0{head}", f"{tail}\0"
        at_end = not head or (bool(tail) and self._joined.count(end) < self._joined.count(begin))
        needle, shift = (end, len(tail)) if at_end else (begin, 1)
        found, place = list[int](), self._joined.find(needle, 1 if at_end else 0)
        while place >= 0 and len(found) < _NAMED:
            at = bisect_left(self._starts, place + shift) - 1
            text = self._texts[at]
            if len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail):
                found.append(at)
            place = self._joined.find(needle, place + 1)
        return found


def _places(texts: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        found.setdefault(text, []).append(at)
    return found


def _without_middle(text: str, kept: int) -> str:
    return f"{text[: kept // 2]}{_GAP}{text[kept // 2 - kept :]}"


def _stem(name: str) -> str:
    return _bare(name).rpartition("/")[2]


def _bare(name: str) -> str:
    return name.replace("\\", "/").removesuffix(".safetensors").casefold()
