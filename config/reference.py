"""The table of all settings, made from the models: ``python -m config.reference > docs/configuration.md``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.layers import VARIABLES
from config.models import BotConfig, WorkflowEntry

_INTRO = """# Settings

<!-- Made by `python -m config.reference`. -->

`config.json` holds them by section, `.env` and the environment override them. A wrong value or an unknown key ends the
program with one line that says where it is and what to do.
"""
_WORKFLOWS = """## workflows

One entry for each workflow, under a name of your choice:
"""


def reference() -> str:
    """The whole page as Markdown."""
    return "\n".join([_INTRO, *_sections(), _WORKFLOWS, *_table("WORKFLOWS__NAME", WorkflowEntry)]) + "\n"


def _sections() -> Iterator[str]:
    for name, field in BotConfig.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield f"## {name}\n"
            yield from _table(name.upper(), field.annotation)
            yield ""


def _table(prefix: str, section: type[BaseModel]) -> Iterator[str]:
    by_name = {path: variable for variable, path in VARIABLES.items()}
    yield "| key | variable | default | set it to |"
    yield "|---|---|---|---|"
    for name, field in section.model_fields.items():
        variable = by_name.get((prefix.lower(), name), f"{prefix}__{name.upper()}")
        yield f"| `{name}` | `{variable}` | {_default(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "" if value in (None, "", {}) else f"`{json.dumps(value)}`"


if __name__ == "__main__":
    print(reference(), end="")
