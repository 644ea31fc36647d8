"""What the server can run: node definitions, with the model lists filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from .models import LORA_WORDS
from .nodes import TABLE, Definition, Folder


class Catalog:
    """Node definitions in the wire's shape. `list_inputs` names the files that loader nodes may be given."""

    def __init__(
        self,
        models: Mapping[str, Iterable[str]],
        extra_definitions: Mapping[str, Definition],
        list_inputs: Callable[[], list[str]],
    ) -> None:
        self.models = {folder: list(names) for folder, names in models.items()}
        self._table = {**TABLE, **extra_definitions}
        self._list_inputs = list_inputs
        self._filled: dict[str, Definition] = {}
        self._metadata: dict[tuple[str, str], Mapping[str, object]] = {}

    def set_models(self, folder: str, names: Iterable[str]) -> None:
        """Replace the files of one model folder; the definitions change with it."""
        self.models[folder] = list(names)
        self._filled.clear()

    def set_metadata(self, folder: str, name: str, metadata: Mapping[str, object] | None) -> None:
        """What is in the header of a model file; None for nothing."""
        self._metadata[folder, name] = {} if metadata is None else metadata

    def metadata(self, folder: str, name: str) -> Mapping[str, object] | None:
        """The metadata of a model file, usual ones where nobody said which; None where it has none, or is not there."""
        if name not in self.models.get(folder, []):
            return None
        words = LORA_WORDS.get(name) if folder == "loras" else None
        usual = {"modelspec.title": PurePosixPath(name).stem} | ({"modelspec.trigger_phrase": words} if words else {})
        return self._metadata.get((folder, name), usual) or None

    def get(self, class_type: object) -> Definition | None:
        """The definition of a class, None for an unknown one."""
        if not isinstance(class_type, str) or class_type not in self._table:
            return None
        definition = self._filled.get(class_type)
        if definition is None:
            definition = self._fill(self._table[class_type])
            self._filled[class_type] = definition
        return definition

    def object_info(self, class_type: str | None = None) -> dict[str, Definition]:
        """The body of ``/object_info`` or of ``/object_info/{class}`` ({} for an unknown class)."""
        wanted = [name for name in self._table if class_type in (None, name)]
        return {name: self._fill(self._table[name]) for name in wanted}

    def _fill(self, definition: Definition) -> Definition:
        groups = {
            group: {name: self._fill_spec(spec) for name, spec in inputs.items()} if group != "hidden" else inputs
            for group, inputs in definition["input"].items()
        }
        return {**definition, "input": groups}

    def _fill_spec(self, spec: list[Any]) -> list[Any]:
        kind, options = spec[0], spec[1] if len(spec) > 1 else {}
        if isinstance(kind, Folder):
            return [self._files(kind), options]
        if isinstance(options.get("options"), Folder):
            return [kind, {**options, "options": self._files(options["options"])}]
        return spec

    def _files(self, folder: Folder) -> list[str]:
        return self._list_inputs() if folder.name == "input" else self.models.get(folder.name, [])
