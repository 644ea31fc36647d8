"""``python -m benchmarks.soak``: jobs of many users, and everything that can go wrong meanwhile.

The bot is ``main.py`` in a process of its own, which is killed and started again; the two servers are in this one.
Every job that was accepted must end once: delivered, told as failed, cancelled or lost, or kept for a reason. Exit
status 1 when one did not.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import randrange

from benchmarks.leftovers import leftovers
from benchmarks.rows import Row
from benchmarks.storm import Plan, Report, storm

_FULL = Plan(jobs=500, users=50, seconds=240.0, seed=0, pause=1.2)
_SHORT = Plan(jobs=40, users=8, seconds=10.0, seed=0, pause=0.4, whole=False)
_INSIDE = (20, 5)
_LEAVES_WITHIN = 5.0
#: MiB by which the bot may grow in the second half of its longest life: what nothing but noise takes, over 200 jobs.
_GROWTH = 3.0
_SHOWN = 20


def soak(short: bool) -> Iterator[Row]:
    """As rows of the table; a short run looks at nothing but whether all is right."""
    yield from measure(_SHORT if short else _FULL)


def measure(plan: Plan) -> Iterator[Row]:
    """Run a plan and print what was seen. Its folder is kept when something is wrong."""
    home = Path(tempfile.mkdtemp(prefix="discomfy-soak-"))
    print(f"\nSoak: {plan.jobs} jobs of {plan.users} users in {plan.seconds:.0f} s, seed {plan.seed}, in {home}")
    logging.getLogger("aiohttp.server").disabled = True  # requests that a kill cuts off are no errors of the server's
    report = asyncio.run(storm(plan, home))
    (home / "weather.log").write_text("\n".join(report.weather.log), "utf-8")
    tell(report)
    inside = asyncio.run(leftovers(*_INSIDE))
    rows = list(_rows(report, inside, growth=plan.whole))
    if all(row.holds(short=False) for row in rows):
        shutil.rmtree(home, ignore_errors=True)
    yield from rows


def tell(report: Report) -> None:
    """Print all figures."""
    verdict, weather, crowd = report.verdict, report.weather, report.crowd
    print(f"  asked {len(crowd.asks)}, tried again {crowd.retries}, cancelled {crowd.cancels}, "
          f"deleted {len(crowd.deleted)}")  # fmt: skip
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(verdict.counts.items())))
    print("  faults: " + ", ".join(f"{name} {count}" for name, count in sorted(weather.struck.items())))
    print(f"  {report.starts} starts, {weather.failed_starts} of them failed")
    for first, last in weather.lives:
        print(
            f"  a life: {first.rss} to {last.rss} KiB, {dict(first.open)} to {dict(last.open)}, {last.threads} threads"
        )
    for text in (verdict.lost + verdict.doubled + verdict.wrong + report.left + report.broken)[:_SHOWN]:
        print(f"  WRONG: {text}")


def _rows(report: Report, inside: list[str], *, growth: bool) -> Iterator[Row]:
    verdict = report.verdict
    told = f"{verdict.counts['delivered once']} delivered"
    unsettled = [] if report.settled else ["not every job was over in time"]
    wrong = verdict.wrong + report.broken + unsettled
    yield Row("soak: jobs lost", len(verdict.lost), 0, "", told, exact=True)
    yield Row("soak: jobs doubled", len(verdict.doubled), 0, "", "", exact=True)
    yield Row("soak: else wrong", len(wrong), 0, "", "; ".join(wrong)[:200], exact=True)
    yield Row("soak: left open", len(report.left + inside), 0, "", "; ".join(report.left + inside)[:200], exact=True)
    seconds = [seconds for seconds, _ in report.weather.leaving]
    bad = [status for _, status in report.weather.leaving if status]
    yield Row("soak: leaves within", max(seconds, default=0.0), _LEAVES_WITHIN, "s", f"status {bad or 0}", exact=True)
    if growth and report.growth is not None:
        last = report.samples[-1][1]
        yield Row("soak: memory that grows", report.growth / 1024, _GROWTH, "M", f"of {last.rss / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="Jobs, users and faults.")
    parser.add_argument("--jobs", type=int, default=_FULL.jobs)
    parser.add_argument("--users", type=int, default=_FULL.users)
    parser.add_argument("--seconds", type=float, default=_FULL.seconds)
    parser.add_argument("--pause", type=float, default=_FULL.pause, help="seconds between two faults, on average")
    parser.add_argument("--seed", type=int, default=randrange(10**6), help="drawn, and printed, without it")
    parser.add_argument("--short", action="store_true", help="40 jobs of 8 users")
    options = parser.parse_args()
    plan = Plan(options.jobs, options.users, options.seconds, options.seed, options.pause)
    if options.short:
        plan = replace(_SHORT, seed=options.seed)
    rows = list(measure(plan))
    for row in rows:
        print(f"{row.name:24} {row.value:8.2f} {row.unit:2} at most {row.goal:.2f}  {row.figures}")
    sys.exit(0 if all(row.holds(short=False) for row in rows) else 1)


if __name__ == "__main__":
    main()
