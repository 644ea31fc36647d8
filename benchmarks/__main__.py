"""``python -m benchmarks [--short]``: every figure against a floor of the same run, in a table at the end.

Exit status 1 when a figure is past its goal.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator

import orjson

from benchmarks.acks import acks
from benchmarks.clients import Cost
from benchmarks.completion import completion
from benchmarks.conversion import conversion
from benchmarks.rows import SHORT_ALLOWANCE, Row, interleaved
from benchmarks.server import Served, comfyui
from benchmarks.soak import soak


def main() -> None:
    short = "--short" in sys.argv[1:]
    measures = (update, conversion, completion, one_job, at_once, in_line, start, acks, soak)
    rows = [row for measure in measures for row in measure(short)]
    width = max(len(row.name) for row in rows)
    print(f"\n{'':{width}}  {'measured':>10}  {'at most':>8}")
    for row in rows:
        mark = "" if row.holds(short=short) else "  MISSED"
        print(f"{row.name:{width}}  {row.value:8.2f} {row.unit:2}  {row.goal:6.2f} {row.unit:2}  {row.figures}{mark}")
    if short:
        print(f"Short run: goals that are not counts may be passed by a factor of {SHORT_ALLOWANCE}.")
    sys.exit(0 if all(row.holds(short=short) for row in rows) else 1)


def update(short: bool) -> Iterator[Row]:
    """Parameters into a graph, against parsing the same template."""
    from core.comfyui.workflows.manager import WorkflowManager
    from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater

    updater = WorkflowUpdater()
    parameters = WorkflowParameters(
        prompt="a red fox", seed=1, steps=12, cfg=4.0, width=768, height=512, loras=(LoraChoice("fox.safetensors"),)
    )
    for name in ("flux_lora", "hidream_lora"):
        workflow = WorkflowManager().load_workflow(name)
        template = orjson.dumps(workflow)
        runs = 300 if short else 2000
        floor, ours = interleaved(
            (lambda template=template: orjson.loads(template)),
            (lambda workflow=workflow: updater.update(workflow, parameters)),
            runs,
        )
        figures = f"{ours * 1e6:.1f} µs against {floor * 1e6:.1f} µs for orjson.loads"
        yield Row(f"update of {name}", ours / floor, 1.5, "×", figures)


def one_job(short: bool) -> Iterator[Row]:
    """What is added after the server is done, for jobs of a second, one after the other."""
    with comfyui(step_seconds=0.05) as (url, _):
        bare, ours = alternating(url, jobs=3 if short else 7, steps=20, repeats=1 if short else 5)
    (total, after), (floor, floor_after) = (
        (statistics.median(c.seconds for c in costs), statistics.median(c.after for c in costs))
        for costs in (ours, bare)
    )
    each = f"each {after * 1e3:.1f} ms from its end to its bytes, {floor_after * 1e3:.1f} ms"
    yield Row("jobs of a second", total / floor, 1.1, "×", f"{total:.3f} s against {floor:.3f} s; {each}")


def at_once(short: bool) -> Iterator[Row]:
    """Many jobs at once, 20 progress events each."""
    jobs = 200 if short else 1000
    with comfyui() as (url, served):
        bare, ours, asked = measured_alone(url, served, jobs=jobs, steps=20, repeats=1 if short else 3)
    cpu, floor = (statistics.median(c.cpu for c in costs) for costs in (ours, bare))
    name = f"{jobs} jobs at once"
    yield Row(f"{name}: CPU", cpu / floor, 1.5, "×", f"{cpu:.2f} s against {floor:.2f} s")
    peak = max(c.peak_mib for c in ours)
    bare_peak = max(c.peak_mib for c in bare)
    yield Row(f"{name}: peak memory", peak, 80, "M", f"{peak:.0f} MiB against {bare_peak:.0f} MiB")
    yield from _asked(name, asked, jobs)


def in_line(short: bool) -> Iterator[Row]:
    """Jobs that wait for each other, with steps of 100 ms."""
    jobs = 8 if short else 50
    with comfyui(step_seconds=0.1) as (url, served):
        bare, ours, asked = measured_alone(url, served, jobs=jobs, steps=2, repeats=1)
    ratio = ours[0].seconds / bare[0].seconds
    name = f"{jobs} jobs in line"
    yield Row(f"{name}: time", ratio, 1.1, "×", f"{ours[0].seconds:.2f} s against {bare[0].seconds:.2f} s")
    yield from _asked(name, asked, jobs)


def start(short: bool) -> Iterator[Row]:
    """Importing the bot, against importing discord.py."""
    repeats = 5 if short else 15
    floor, ours = [], []
    for _ in range(repeats):
        floor.append(_import("discord"))
        ours.append(_import("bot.client"))
    mine, theirs = statistics.median(ours), statistics.median(floor)
    yield Row(
        "import bot.client", mine / theirs, 1.4, "×", f"{mine * 1e3:.0f} ms against {theirs * 1e3:.0f} ms for discord"
    )


def _asked(name: str, asked: Served, jobs: int) -> Iterator[Row]:
    yield Row(f"{name}: requests a job", asked.requests / jobs, 3, "", f"{asked.requests} requests", exact=True)
    yield Row(f"{name}: sockets", asked.sockets, 1, "", "", exact=True)


def alternating(url: str, *, jobs: int, steps: int, repeats: int) -> tuple[list[Cost], list[Cost]]:
    """The bare client and ours in turns."""
    bare, ours = [], []
    for _ in range(repeats):
        bare.append(_client("bare", url, jobs, steps))
        ours.append(_client("ours", url, jobs, steps))
    return bare, ours


def measured_alone(
    url: str, served: Callable[[], Served], *, jobs: int, steps: int, repeats: int
) -> tuple[list[Cost], list[Cost], Served]:
    """As `alternating`, and what our last run asked of the server, less the warm-up job."""
    bare, ours = alternating(url, jobs=jobs, steps=steps, repeats=repeats - 1)
    bare.append(_client("bare", url, jobs, steps))
    served()
    ours.append(_client("ours", url, jobs, steps))
    asked = served()
    return bare, ours, Served(asked.requests - 3, asked.sockets - 1)


def _client(name: str, url: str, jobs: int, steps: int) -> Cost:
    command = [sys.executable, "-m", "benchmarks.clients", name, url, str(jobs), str(steps)]
    return Cost(**orjson.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _import(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    main()
