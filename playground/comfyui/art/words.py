"""What the words of a prompt ask for."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ImageColor

Colour = tuple[int, int, int]

_WORD = re.compile(r"[^\W\d_]+")
PLACES: Mapping[str, str] = {
    "mountains": "mountain mountains alps peak peaks landscape canyon valley volcano hiking lake",
    "forest": "forest woods wood jungle tree trees woodland pine pines grove",
    "sea": "sea ocean beach coast island harbour harbor boat ship sailing sailboat wave waves lighthouse water river",
    "desert": "desert dune dunes sand sahara oasis egypt pyramid mars",
    "city": "city town street skyline skyscraper urban tokyo york london metropolis cyberpunk building buildings",
    "space": "space galaxy nebula planet planets cosmos universe astronaut spaceship rocket saturn orbit",
    "meadow": "meadow field fields garden flower flowers hill hills farm village countryside grass spring barn",
    "studio": "portrait face woman man girl boy person selfie headshot wizard knight queen king warrior",
}
LIGHTS: Mapping[str, str] = {
    "night": "night midnight moon moonlight moonlit stars starry dark neon",
    "sunset": "sunset dusk evening golden autumn fire",
    "dawn": "dawn sunrise morning misty pastel dreamy",
    "day": "day noon sunny summer daylight bright clear",
}
WEATHERS: Mapping[str, str] = {
    "snow": "snow snowy winter ice frozen christmas blizzard",
    "rain": "rain rainy storm wet thunder drizzle",
    "fog": "fog foggy mist misty haze hazy",
}
SUBJECTS: Mapping[str, str] = {
    "fox": "fox foxes",
    "cat": "cat cats kitten",
    "wolf": "wolf wolves husky",
    "dog": "dog dogs puppy",
    "rabbit": "rabbit bunny hare",
    "bear": "bear bears",
    "cabin": "cabin house hut cottage barn farm village home",
    "tower": "castle tower lighthouse fortress palace ruin",
    "boat": "boat ship sailing sailboat yacht pirate",
    "balloon": "balloon balloons airship",
    "birds": "bird birds eagle raven crow seagull dragon flock",
    "person": "hiker wanderer traveller astronaut samurai child man woman girl boy knight wizard",
}
_NO_COLOURS = ("snow",)
_BY_CHANCE = ("mountains", "mountains", "forest", "sea", "desert", "meadow")
_LIGHTS_BY_CHANCE = ("day", "sunset", "sunset", "dawn", "night")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be in a picture. `light`, `weather` and `subject` are "" where nothing was said of them.

    `colours` are the picture's; `coat` is the subject's own: the one that was named right before it.
    """

    place: str
    light: str = ""
    weather: str = ""
    subject: str = ""
    colours: tuple[Colour, ...] = ()
    coat: Colour | None = None

    def light_or(self, chance: random.Random) -> str:
        return self.light or chance.choice(_LIGHTS_BY_CHANCE)


def read(prompt: str, negative: str = "") -> Wish:
    """The wish behind a prompt; what the negative prompt names does not count. The same words mean the same."""
    unwanted = set(_words(negative))
    words = [word for word in _words(prompt) if word not in unwanted]
    subject_words = {word for names in SUBJECTS.values() for word in names.split()}
    elsewhere = [word for word in words if word not in subject_words]
    place = _first(PLACES, elsewhere) or _first(PLACES, words) or random.Random(" ".join(words)).choice(_BY_CHANCE)
    subject = _first(SUBJECTS, words)
    if place == "studio" and subject not in ("", "person"):
        place = "forest"
    coat: Colour | None = None
    colours: list[Colour] = []
    for word, following in itertools.pairwise([*words, ""]):
        if word in ImageColor.colormap and word not in _NO_COLOURS:
            colour = ImageColor.getrgb(word)[:3]
            if subject and following in SUBJECTS[subject].split():
                coat = colour
            else:
                colours.append(colour)
    return Wish(place, _first(LIGHTS, words), _first(WEATHERS, words), subject, tuple(colours[:2]), coat)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _first(meanings: Mapping[str, str], words: list[str]) -> str:
    """The meaning of the first word that has one."""
    known = {word: meaning for meaning, names in reversed(list(meanings.items())) for word in names.split()}
    return next((known[word] for word in words if word in known), "")
