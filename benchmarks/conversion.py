"""From the editor's files to graphs and their roles: how many come out right, and how long it takes."""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson

from benchmarks.graphs import editor_workflow
from benchmarks.rows import Row, interleaved
from core.comfyui.workflows.editor_format import to_api
from core.comfyui.workflows.roles import bind
from core.exceptions import WorkflowError

#: Pairs made by the official editor and labels of what their inputs mean, where they lie beside the checkout.
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "comfyui" / "editor_format"
_NODES = 50
_MOST_MS = 5.0
_REPEATS = 5


def conversion(short: bool) -> Iterator[Row]:
    """Conversion and roles together, against parsing the same file; then the pairs and labels, where they are."""
    workflow, definitions = editor_workflow(_NODES)
    yield from _speed(f"a file of {_NODES} nodes", workflow, definitions, 10 if short else 50)
    if _SHARED.is_dir():
        yield from _pairs(short)
        yield from _labels()
    else:
        print("The editor's pairs are not beside the checkout: they are not counted.")


def _speed(name: str, workflow: dict[str, Any], definitions: dict[str, Any], runs: int) -> Iterator[Row]:
    """The best of some medians: the goal is in milliseconds, and whatever else the machine does only adds to them."""
    data = orjson.dumps(workflow)
    medians = [
        interleaved(lambda: orjson.loads(data), lambda: bind(to_api(workflow, definitions), definitions), runs)
        for _ in range(_REPEATS)
    ]
    floor, ours = (min(times) for times in zip(*medians, strict=True))
    figures = f"to its graph and roles; parsing it takes {floor * 1e3:.2f} ms"
    yield Row(name, ours * 1e3, _MOST_MS, "ms", figures)


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
            yield from _speed(path.stem, pair["ui"], known, 5 if short else 25)
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
