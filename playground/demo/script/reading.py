"""A script as it is written: JSON, checked before anything starts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.demo.errors import DemoError

SHIPPED = Path(__file__).parents[1] / "scripts"
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
        "screenshot": "typed press size scheme alt",
    }.items()
}
_ANYWHERE = frozenset({"as", "in"})
#: What a message may be waited for by.
WAITED = frozenset({"text", "files", "buttons", "select", "private"})
_SHAPES: Mapping[str, type | tuple[type, ...]] = {"fill": dict, "wait": dict}
_DETAILS: Mapping[str, type | tuple[type, ...]] = {
    "as": str,
    "in": str,
    "files": list,
    "options": dict,
    "values": list,
    "press": list,
    "size": list,
    "within": (int, float),
    "answer": bool,
    "quiet": bool,
    "called": str,
    "on": str,
    "reply_to": str,
    "option": str,
    "typed": str,
    "scheme": str,
    "alt": str,
}


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
        return any(step.verb == "screenshot" for step in self.steps)


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
        raise DemoError(
            f"The script {path} cannot be read ({exc.strerror}); there are {shipped()}.", misused=True
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
        if not isinstance(value, _DETAILS.get(name, object)):
            raise _wrong(number, f"has something else than it should as {name!r}")
    if not isinstance(raw.get(verb, ""), _SHAPES.get(verb, str)):
        raise _wrong(number, f"has something else than it should as {verb!r}")
    if verb == "wait" and (unknown := set(raw[verb]) - WAITED):
        raise _wrong(number, f"waits for {min(unknown)!r}, which no message has")
    if not (verb or details):
        raise _wrong(number, "says nothing")
    return Step(number, verb, raw.get(verb, ""), details)


def _wrong(number: int, how: str) -> DemoError:
    return DemoError(f"Step {number} of the script {how}.", misused=True)
