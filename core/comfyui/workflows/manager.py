"""The workflows folder: finds, loads and keeps `Workflow`s, and notices when a file changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.comfyui.workflows.updater import WorkflowUpdater
from core.comfyui.workflows.workflow import Workflow, load
from core.exceptions import ValidationError, WorkflowError

if TYPE_CHECKING:
    from config.models import WorkflowEntry

__all__ = ("Workflow", "WorkflowManager")

_BESIDE_THE_PACKAGES = Path(__file__).resolve().parents[3]
_MAX_BYTES = 32 * 1024 * 1024
_UNREAD = (0, 0, 0)


@dataclass(slots=True)
class _Known:
    """What is known of one name: the file's state when it was read, the last good workflow, what is wrong now."""

    state: tuple[int, int, int]
    workflow: Workflow | None = None
    problem: str | None = None


class WorkflowManager:
    """Hands out workflows by name. Nothing is read before something is asked for.

    Every look compares the file's time and size with those that were read; a file that has become unusable leaves the
    last good version in use and shows up in `problems`.

    Args:
        workflows_dir: the folder; a relative one is looked for in the working directory, then beside the packages.
        entries: config key → entry. None takes those of the configuration, as far as their files are in the folder.
        updater: writes parameters into the graphs.
    """

    def __init__(
        self,
        workflows_dir: str | Path = "workflows",
        entries: Mapping[str, WorkflowEntry] | None = None,
        *,
        updater: WorkflowUpdater | None = None,
    ) -> None:
        self._dir = Path(workflows_dir)
        self._entries = entries
        self._updater = updater or WorkflowUpdater()
        self._known: dict[str, _Known] = {}

    def load_workflow(self, name: str) -> dict[str, Any]:
        """A fresh copy of a graph, its configured defaults in it.

        Args:
            name: a config key, the stem of a file, or a file's name.

        Raises:
            WorkflowError: there is no such workflow, it is switched off, or it can't be used.
        """
        return self.get(name).graph()

    def get(self, name: str) -> Workflow:
        """A workflow by config key, file stem or file name.

        Raises:
            WorkflowError: as for `load_workflow`.
        """
        if not name or "/" in name or "\\" in name or name in (".", ".."):
            raise WorkflowError("A workflow is called by its name, without a folder.")
        files = self._files()
        for known in (name, *self._named_by_file(name, files)):
            if known in files:
                return self._loaded(known, files[known])
        raise WorkflowError(f"There is no workflow {name!r}: choose another one.")

    def available(self) -> list[Workflow]:
        """The workflows that are switched on and can be used, those of the configuration first."""
        found = []
        for name, file in self._files().items():
            known = self._look(name, file)
            if known.workflow and self._is_on(name):
                found.append(known.workflow)
        return found

    def problems(self) -> dict[str, str]:
        """Name → what is wrong with it, for every workflow that is switched on; fine ones are left out."""
        found = {} if self._in_folder() is not None else {"workflows": "The workflows folder can't be read."}
        for name, file in self._files().items():
            known = self._look(name, file)
            text = known.problem or (" ".join(known.workflow.problems) if known.workflow else "")
            if text and self._is_on(name):
                found[name] = text
        return found

    def _loaded(self, name: str, file: str) -> Workflow:
        if not self._is_on(name):
            raise WorkflowError(f"The workflow {name!r} is switched off: choose another one.")
        known = self._look(name, file)
        if known.workflow is None:
            raise WorkflowError(known.problem or f"The workflow {name!r} can't be used.")
        return known.workflow

    def _look(self, name: str, file: str) -> _Known:
        """What is known of a name, read anew when its file has changed."""
        known = self._known.get(name)
        try:
            stat = (self._folder() / file).stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if known is None or known.state != state:
                known = self._known[name] = self._read(name, file, state, known.workflow if known else None)
        except FileNotFoundError:
            known = self._known[name] = _Known(_UNREAD, problem=f"Its file {file} is not in the workflows folder.")
        except OSError as exc:
            workflow = known.workflow if known else None
            known = _Known(_UNREAD, workflow, f"Its file {file} can't be read: {exc.strerror}.")
        return known

    def _read(self, name: str, file: str, state: tuple[int, int, int], last_good: Workflow | None) -> _Known:
        if state[1] > _MAX_BYTES:
            return _Known(state, last_good, f"Its file {file} is larger than {_MAX_BYTES >> 20} MB.")
        data = (self._folder() / file).read_bytes()
        try:
            return _Known(state, load(name, data, self._configured().get(name), self._updater))
        except (WorkflowError, ValidationError) as exc:
            return _Known(state, last_good, exc.message)

    def _files(self) -> dict[str, str]:
        """Name → file: the configured ones, then the other files by their stems."""
        there = self._in_folder() or ()
        files = {
            key: entry.file
            for key, entry in self._configured().items()
            if self._entries is not None or entry.file in there
        }
        for file in there:
            if file not in files.values():
                stem = file.removesuffix(".json")
                files[file if stem in files else stem] = file
        return files

    def _in_folder(self) -> list[str] | None:
        """The workflow files in the folder; None when it can't be read."""
        try:
            names = [path.name for path in self._folder().iterdir()]
        except OSError:
            return None
        return sorted(name for name in names if name.endswith(".json") and not name.startswith("."))

    def _named_by_file(self, name: str, files: Mapping[str, str]) -> Iterator[str]:
        return (known for known, file in files.items() if name in (file, file.removesuffix(".json")))

    def _is_on(self, name: str) -> bool:
        entry = self._configured().get(name)
        return entry is None or entry.enabled

    def _configured(self) -> Mapping[str, WorkflowEntry]:
        if self._entries is not None:
            return self._entries
        from config import ConfigError, get_config

        try:
            return get_config().workflows
        except ConfigError as exc:
            raise WorkflowError("The configuration can't be read: see the log.", detail=str(exc)) from exc

    def _folder(self) -> Path:
        if self._dir.is_absolute() or self._dir.is_dir():
            return self._dir
        return _BESIDE_THE_PACKAGES / self._dir
