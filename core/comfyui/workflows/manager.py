"""The workflows folder: finds, loads and keeps `Workflow`s, and notices when a file changes."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from core.comfyui.refusals import plain_name
from core.comfyui.workflows.preflight import lacking, unknown_classes
from core.comfyui.workflows.source import TEXT, is_source, read_file, read_graph, readable
from core.comfyui.workflows.updater import WorkflowUpdater
from core.comfyui.workflows.workflow import Workflow, load
from core.exceptions import MissingNodesError, ValidationError, WorkflowError
from utils.language import phrase, together
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import BotConfig, WorkflowEntry

__all__ = ("Workflow", "WorkflowManager")

log = get_logger(__name__)

#: The system has these in English only.
_REASONS = {errno.EACCES: phrase("Permission denied"), errno.EISDIR: phrase("Is a directory")}
_BESIDE_THE_PACKAGES = Path(__file__).resolve().parents[3]


class _State(NamedTuple):
    """What a reading rests on: times, size and number of the file, and which definitions were known.

    Copying programs set the first time back to the original's; the second they cannot.
    """

    changed: int
    written: int
    size: int
    file: int
    lesson: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one name: the state when it was read, the last good workflow, what is wrong now."""

    state: _State | None
    workflow: Workflow | None = None
    problem: str | None = None


class _Lesson(NamedTuple):
    """The definitions that files are read with; a new number makes every file be read again."""

    number: int
    definitions: Mapping[str, Any] | None


class WorkflowManager:
    """Hands out workflows by name. Nothing is read before something is asked for.

    Every look compares the file's time and size with those that were read; a file that has become unusable leaves the
    last good version in use and shows up in `problems`. It may be used from several threads.

    Args:
        workflows_dir: the folder; a relative one is looked for in the working directory, then beside the packages.
        entries: config key → entry. None takes those of the configuration, as far as their files are in the folder.
        updater: writes parameters into the graphs.
        recall: gives the node definitions that are known before `learn` is called, None where there are none. Without
            it, and without entries, those that the configured data folder keeps.
    """

    def __init__(
        self,
        workflows_dir: str | Path = "workflows",
        entries: Mapping[str, WorkflowEntry] | None = None,
        *,
        updater: WorkflowUpdater | None = None,
        recall: Callable[[], Mapping[str, Any] | None] | None = None,
    ) -> None:
        self._dir = Path(workflows_dir)
        self._entries = entries
        self._updater = updater or WorkflowUpdater()
        self._recall = recall or (_kept_definitions if entries is None else lambda: None)
        self._lesson: _Lesson | None = None
        self._known: dict[str, _Known] = {}
        self._learning = RLock()

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
        return self._loaded(*self._found(name))

    def locate(self, name: str) -> tuple[str, Path, WorkflowEntry | None]:
        """Key, file and config entry of a workflow, whether it can be used or not.

        Raises:
            WorkflowError: there is no such workflow.
        """
        known, file = self._found(name)
        return known, self._folder() / file, self._configured().get(known)

    def standing(self) -> Iterator[tuple[str, Workflow | None, str | None]]:
        """Name, workflow and what is wrong with it, for all that are switched on, those of the configuration first.

        There is no workflow where the file can't be read, and nothing is wrong where all is well.
        """
        if self._in_folder() is None:
            yield "workflows", None, phrase("The workflows folder can't be read.")
        for name, file in self._files().items():
            if self._is_on(name):
                known = self._look(name, file)
                own = together(known.workflow.problems) if known.workflow else ""
                yield name, known.workflow, known.problem or own or None

    def available(self) -> list[Workflow]:
        """The workflows that are switched on and can be read, those of the configuration first."""
        return [workflow for _, workflow, _ in self.standing() if workflow]

    def problems(self) -> dict[str, str]:
        """Name → what is wrong with it, for every workflow that is switched on; fine ones are left out."""
        return {name: problem for name, _, problem in self.standing() if problem}

    def learn(self, definitions: Mapping[str, Any]) -> None:
        """Read every file anew, with these node definitions.

        A graph in the editor's format is converted by them, and ranges come from them. Until all is read, the
        workflows stay as they were.
        """
        with self._learning:
            lesson = _Lesson(self._taught().number + 1, definitions)
            known = {name: self._seen(name, file, lesson) for name, file in self._files().items() if self._is_on(name)}
            self._known, self._lesson = known, lesson

    @property
    def definitions(self) -> Mapping[str, Any] | None:
        """The node definitions that files are read with."""
        return self._taught().definitions

    def _taught(self) -> _Lesson:
        if self._lesson is None:
            with self._learning:
                recalled = self._recall()
                self._lesson = self._lesson or _Lesson(0, recalled)  # others may have learnt meanwhile
        return self._lesson

    def _found(self, name: str) -> tuple[str, str]:
        """The key and the file of what is called by key, stem or file name."""
        if not name or "/" in name or "\\" in name or name in (".", ".."):
            raise WorkflowError(phrase("A workflow is called by its name, without a folder."))
        files = self._files()
        for known in (name, *self._named_by_file(name, files)):
            if known in files:
                return known, files[known]
        raise WorkflowError(phrase('There is no workflow "{workflow}": choose another one.', workflow=plain_name(name)))

    def _loaded(self, name: str, file: str) -> Workflow:
        if not self._is_on(name):
            raise WorkflowError(
                phrase('The workflow "{workflow}" is switched off: choose another one.', workflow=plain_name(name))
            )
        known = self._look(name, file)
        if known.workflow is None:
            raise WorkflowError(
                known.problem or phrase('The workflow "{workflow}" can\'t be used.', workflow=plain_name(name))
            )
        return known.workflow

    def _look(self, name: str, file: str) -> _Known:
        known = self._known[name] = self._seen(name, file, self._taught())
        return known

    def _seen(self, name: str, file: str, lesson: _Lesson) -> _Known:
        """What is known of a name, read anew when its file or the definitions have changed."""
        known, state = self._known.get(name), None
        workflow = known.workflow if known else None
        try:
            stat = (self._folder() / file).stat()
            state = _State(stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, lesson.number)
            if known is not None and known.state == state:
                return known
            graph = read_graph(readable(file), read_file(self._folder() / file), lesson.definitions)
            entry = self._configured().get(name)
            return _Known(state, load(name, graph, entry, self._updater, lesson.definitions))
        except FileNotFoundError:
            return _Known(None, problem=phrase("Its file {file} is not in the workflows folder.", file=readable(file)))
        except OSError as exc:
            why = {"file": readable(file), "reason": _REASONS.get(exc.errno or 0, exc.strerror)}
            return _Known(None, workflow, phrase("Its file {file} can't be read: {reason}.", **why))
        except MissingNodesError as exc:
            return _Known(state, workflow, lacking(unknown_classes(exc)))
        except (WorkflowError, ValidationError) as exc:
            return _Known(state, workflow, exc.message)
        except Exception:  # a file that nobody has thought of must not take all others along
            log.exception("workflow not read", workflow=name)
            return _Known(state, workflow, phrase("Its file {file} can't be read: see the log.", file=readable(file)))

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
                stem = readable(PurePath(file).stem)
                files[readable(file) if stem in files else stem] = file
        return files

    def _in_folder(self) -> list[str] | None:
        """The workflow files in the folder, graphs before pictures and videos; None when it can't be read."""
        try:
            names = [path.name for path in self._folder().iterdir() if is_source(path.name)]
        except OSError:
            return None
        return sorted(names, key=lambda name: (PurePath(name).suffix.lower() != TEXT, name))

    def _named_by_file(self, name: str, files: Mapping[str, str]) -> Iterator[str]:
        return (known for known, file in files.items() if name in (file, PurePath(file).stem))

    def _is_on(self, name: str) -> bool:
        entry = self._configured().get(name)
        return entry is None or entry.enabled

    def _configured(self) -> Mapping[str, WorkflowEntry]:
        return self._entries if self._entries is not None else _configuration().workflows

    def _folder(self) -> Path:
        if self._dir.is_absolute() or self._dir.is_dir():
            return self._dir
        return _BESIDE_THE_PACKAGES / self._dir


def _configuration() -> BotConfig:
    from config import ConfigError, get_config

    try:
        return get_config()
    except ConfigError as exc:
        raise WorkflowError(phrase("The configuration can't be read: see the log."), detail=str(exc)) from exc


def _kept_definitions() -> Mapping[str, Any] | None:
    from core.comfyui.definitions import DefinitionStore

    return DefinitionStore(_configuration().storage.data).read()
