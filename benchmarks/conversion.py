"""From the editor's files to graphs and their roles: how many come out right, and how long it takes."""

from __future__ import annotations

import copy
import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.graphs import editor_workflow
from benchmarks.rows import Row, interleaved
from core.comfyui.workflows.editor_format import to_api
from core.comfyui.workflows.roles import bind
from core.exceptions import WorkflowError

#: Pairs made by the official editor and labels of what their inputs mean, where they lie beside the checkout.
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "comfyui" / "editor_format"
_NODES = 50
_MOST_MS = 5.0
_MOST_COPIES = 9.0
_RUNS, _SHORT_RUNS, _REPEATS = 40, 8, 5


def conversion(short: bool) -> Iterator[Row]:
    """Conversion and roles together; then the pairs and labels, where they are."""
    workflow, definitions = editor_workflow(_NODES)
    yield from _speed(f"a file of {_NODES} nodes", workflow, definitions, short=short)
    if _SHARED.is_dir():
        yield from _pairs(short)
        yield from _labels()
    else:
        print("The editor's pairs are not beside the checkout: they are not counted.")


def _speed(name: str, workflow: dict[str, Any], definitions: dict[str, Any], *, short: bool) -> Iterator[Row]:
    """Against copying the file, which is work of the same kind; a run of full length also in milliseconds.

    The best of some medians counts: whatever else the machine does only adds to them.
    """
    medians = [
        interleaved(
            lambda: copy.deepcopy(workflow),
            lambda: bind(to_api(workflow, definitions), definitions),
            _SHORT_RUNS if short else _RUNS,
        )
        for _ in range(_REPEATS)
    ]
    floor, ours = (min(times) for times in zip(*medians, strict=True))
    figures = f"{ours * 1e3:.2f} ms to its graph and roles, {floor * 1e3:.2f} ms for a copy of it"
    yield Row(name, ours / floor, _MOST_COPIES, "×", figures)
    if not short:
        yield Row(f"{name}: time", ours * 1e3, _MOST_MS, "ms", "")


def _pairs(short: bool) -> Iterator[Row]:
    same: Callable[[Any, Any], list[str]] = _module("compare").same
    definitions = {path.stem[12:]: json.loads(path.read_bytes()) for path in _SHARED.glob("object_info_*.json")}
    different, times = [], []
    paths = sorted((_SHARED / "pairs").glob("*.json"))
    for path in paths:
        pair = json.loads(path.read_bytes())
        known = definitions[pair["object_info"]]
        began = time.perf_counter()
        graph = to_api(pair["ui"], known)
        taken = time.perf_counter() - began
        if same(pair["api"], graph):
            different.append(path.stem)
        if len(graph) >= _NODES:
            continue
        times.append(taken)
        if len(graph) >= 0.8 * _NODES:
            yield from _speed(path.stem, pair["ui"], known, short=short)
    figures = f"{len(paths) - len(different)} of {len(paths)} equal, {statistics.median(times) * 1e3:.2f} ms each"
    yield Row("the editor's pairs: different", len(different), 0, "", " ".join([figures, *different]), exact=True)


def _labels() -> Iterator[Row]:
    """What the labels' own checker says, once with the definitions and once without."""
    checker = _module("check_roles")
    for name, known in (("with definitions", True), ("without definitions", False)):
        main, every = checker.main(lambda graph, info, known=known: _bound(graph, info if known else None))
        for kind, share, least in (("main roles", main, 0.97), ("all roles", every, 0.90)):
            yield Row(f"{kind}, {name}: missed", 100 * (1 - share), 100 * (1 - least), "%", "", exact=True)


def _bound(graph: dict[str, Any], definitions: dict[str, Any] | None) -> dict[str, list[str]]:
    try:
        return bind(graph, definitions).to_dict()
    except WorkflowError as exc:
        raise ValueError(exc.message) from exc


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, _SHARED / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
