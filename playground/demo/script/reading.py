"""A script as it is written: JSON, checked before anything starts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.demo.errors import DemoError

SHIPPED = Path(__file__).parents[1] / "scripts"
PICTURE = "screenshot"
#: What each verb takes beside itself; every step may say ``as`` whom and ``in`` which channel it is done.
VERBS: Mapping[str, frozenset[str]] = {
    verb: frozenset(details.split())
    for verb, details in {
        "say": "files reply_to",
        "slash": "options answer",
        "complete": "option typed options",
        "menu": "on answer",
        "click": "on answer",
        "select": "on values answer",
        "fill": "answer",
        "close": "",
        "wait": "called within quiet",
        "expect": "on",
        "absent": "on",
        "delete": "",
        "gone": "within",
        "bot": "within",
        "language": "",
        "fault": "value",
        PICTURE: "typed press size scheme alt",
    }.items()
}
_ANYWHERE = frozenset({"as", "in"})
Check = Callable[[Any], bool]


def _is(*kinds: type) -> Check:
    return lambda value: isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


def _list_of(*kinds: type, count: int | None = None) -> Check:
    one = _is(*kinds)
    return lambda value: isinstance(value, list) and count in (None, len(value)) and all(map(one, value))


def _pattern(value: Any) -> bool:
    try:
        return bool(re.compile(value))
    except (re.error, TypeError):
        return False


#: What a message may be waited for by.
WAITED: Mapping[str, Check] = {
    "text": lambda value: isinstance(value, str) or _list_of(str)(value),
    "matches": _pattern,
    "files": _is(int),
    "buttons": _list_of(str),
    "select": _is(bool),
    "private": _is(bool),
}
_VALUES: Mapping[str, Check] = {"fill": _is(dict), "wait": _is(dict)}
_DETAILS: Mapping[str, Check] = {
    "files": _list_of(dict),
    "options": _is(dict),
    "values": _list_of(str),
    "press": _list_of(str),
    "size": _list_of(int, count=2),
    "within": _is(int, float),
    "answer": _is(bool),
    "quiet": _is(bool),
    "value": _is(str, bool),
    "scheme": lambda value: value in ("dark", "light"),
}
_TEXT = _is(str)


@dataclass(frozen=True, slots=True)
class Step:
    """One action. ``verb`` is empty where only somebody else takes over, or goes elsewhere."""

    number: int
    verb: str
    value: Any
    details: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        return self.details.get(name, default)

    @property
    def summary(self) -> str:
        """What it is about, for an error."""
        words = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        return f"{self.verb} {words}" if self.verb else "as or in"


@dataclass(frozen=True, slots=True)
class Script:
    """A title, the steps, and the folder that file names are relative to."""

    title: str
    steps: tuple[Step, ...]
    folder: Path

    @property
    def has_pictures(self) -> bool:
        return any(step.verb == PICTURE for step in self.steps)


def read_script(path: Path) -> Script:
    """Read and check a script: a file, or one of those that come with the demo, by its name.

    Raises:
        DemoError: it cannot be read, or a step is none; the first mistake.
    """
    if path.name == str(path) and path.stem in shipped() and not path.exists():
        path = SHIPPED / f"{path.stem}.json"
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except OSError as exc:
        own = ", ".join(shipped())
        raise DemoError(
            f"The script {path} cannot be read ({exc.strerror}); the demo's own are {own}.", misused=True
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise DemoError(f"The script {path} is not JSON ({exc}).", misused=True) from exc
    if not isinstance(data, dict) or set(data) != {"title", "steps"} or not isinstance(data["steps"], list):
        raise DemoError(f"The script {path} has to be an object with a title and a list of steps.", misused=True)
    steps = tuple(_step(number, raw) for number, raw in enumerate(data["steps"], 1))
    return Script(str(data["title"]), steps, path.parent)


def shipped() -> list[str]:
    """The names of those that come with the demo."""
    return sorted(path.stem for path in SHIPPED.glob("*.json"))


def _step(number: int, raw: object) -> Step:
    if not isinstance(raw, dict):
        raise _wrong(number, "is no object")
    verbs = [name for name in raw if name in VERBS]
    if len(verbs) > 1:
        raise _wrong(number, f"says both {verbs[0]} and {verbs[1]}")
    verb = verbs[0] if verbs else ""
    details = {name: value for name, value in raw.items() if name != verb}
    for name, value in details.items():
        if name not in _ANYWHERE | VERBS.get(verb, frozenset()):
            raise _wrong(number, f"has {name!r}, which {verb or 'it'} does not take")
        if not _DETAILS.get(name, _TEXT)(value):
            raise _wrong(number, f"has something else than it should as {name!r}")
    if verb and not _VALUES.get(verb, _TEXT)(raw[verb]):
        raise _wrong(number, f"has something else than it should as {verb!r}")
    for name, value in raw[verb].items() if verb == "wait" else ():
        if name not in WAITED:
            raise _wrong(number, f"waits for {name!r}, which no message has")
        if not WAITED[name](value):
            raise _wrong(number, f"waits for something else than it should as {name!r}")
    if not (verb or details):
        raise _wrong(number, "says nothing")
    return Step(number, verb, raw.get(verb, ""), details)


def _wrong(number: int, how: str) -> DemoError:
    return DemoError(f"Step {number} of the script {how}.", misused=True)
