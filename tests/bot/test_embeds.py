"""Embeds: what they say, and that no text passes Discord's limits."""

from __future__ import annotations

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.history import PAGE as HISTORY_PAGE
from bot.commands.queue import PAGE as QUEUE_PAGE
from bot.ui import embeds
from core.comfyui.workflows.preflight import Missing, lacking
from core.jobs.models import JobState
from core.progress.tracker import ProgressMetrics, ProgressStatus
from utils.language import phrase, speaking

NOW = 1_700_000_000.0
LINK = f"https://discord.com/channels/{'9' * 20}/{'9' * 20}/{'9' * 20}"
SUMMARY = embeds.Summary("Flux", "a fox", {"Workflow": "Flux", "Seed": "7"})
texts = st.text(max_size=3000)
summaries = st.builds(
    embeds.Summary, texts.filter(str.strip), texts, st.dictionaries(st.sampled_from("abcdefghij"), texts, max_size=10)
)
metrics = st.builds(
    ProgressMetrics,
    percentage=st.floats(0, 100),
    phase=texts,
    status=st.sampled_from(ProgressStatus),
    step=st.none() | st.integers(0, 100),
    total_steps=st.none() | st.integers(1, 100),
    queue_position=st.none() | st.integers(0, 999),
    remaining=st.none() | st.floats(0, 1e6),
    online=st.booleans(),
)


def within_limits(embed: discord.Embed) -> bool:
    sizes = [len(field.name or "") <= 256 and len(field.value or "") <= 1024 for field in embed.fields]
    named = [bool(field.name) and bool(field.value) for field in embed.fields]
    return (
        len(embed) <= 6000
        and len(embed.title or "") <= 256
        and len(embed.description or "") <= 4096
        and len(embed.fields) <= 25
        and all(sizes)
        and all(named)
    )


@given(summaries, metrics)
def test_progress_never_passes_a_limit(summary: embeds.Summary, state: ProgressMetrics) -> None:
    assert within_limits(embeds.progress(summary, state, now=NOW))


@given(summaries, texts, texts)
def test_results_and_failures_never_pass_a_limit(summary: embeds.Summary, remark: str, problem: str) -> None:
    assert within_limits(embeds.result(summary, 3.0, remark=remark, problem=problem))
    assert within_limits(embeds.failure(summary, problem))
    assert within_limits(embeds.setup(summary, hint="Press Generate."))


@given(st.lists(texts, max_size=20), texts)
def test_lists_never_pass_a_limit(names: list[str], search: str) -> None:
    few = {name: [search] * 8 for name in names[:8]}
    assert within_limits(embeds.loras(names, few, page=0, pages=1, total=len(names), search=search))
    rows = [(name or "x", name) for name in names]
    assert within_limits(embeds.help_page(rows, rows, rows))


def test_words_of_loras_leave_room_for_every_name() -> None:
    names = [f"{n:02}{'x' * 60}" for n in range(20)]
    words = {name: ["y" * 200] for name in names}
    embed = embeds.loras(names, words, page=0, pages=1, total=20, search=None)
    assert all(name in (embed.description or "") for name in names)


@given(texts, st.text(max_size=5000))
def test_errors_never_pass_a_limit(sentence: str, prompt: str) -> None:
    assert within_limits(embeds.error(sentence, prompt))


queue_rows = st.builds(embeds.QueueRow, texts, texts, texts.map(lambda text: text[:8]), st.just(LINK), metrics)
history_rows = st.builds(
    embeds.HistoryRow,
    texts,
    texts,
    texts.map(lambda text: text[:8]),
    st.none() | st.just(LINK),
    st.floats(0, 2e9),
    st.sampled_from(JobState),
    st.none() | texts,
    st.none() | texts,
    st.none() | st.just("a.webp"),
)
crowds = st.builds(embeds.Crowd, st.none() | st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999))


@given(st.lists(queue_rows, max_size=QUEUE_PAGE), crowds)
def test_a_queue_never_passes_a_limit(rows: list[embeds.QueueRow], crowd: embeds.Crowd) -> None:
    assert within_limits(embeds.queue(rows, crowd, now=NOW, page=0, pages=2, total=9999))


@given(st.lists(history_rows, max_size=HISTORY_PAGE))
def test_a_history_never_passes_a_limit(rows: list[embeds.HistoryRow]) -> None:
    page = embeds.history(rows, page=0, pages=2, total=9999)
    assert 1 <= len(page) <= 10
    assert all(within_limits(embed) for embed in page)
    assert sum(len(embed) for embed in page) <= 6000


@pytest.mark.parametrize(
    ("state", "details", "said"),
    [
        (JobState.POSTED, {}, "/queue says where it stands"),
        (JobState.FINISHED, {}, "Done"),
        (JobState.FAILED, {"error": "Out of memory."}, "Failed: Out of memory."),
        (JobState.LOST, {"error": "It went."}, "Lost: It went."),
        (JobState.CANCELLED, {}, "Cancelled"),
        (JobState.FINISHED, {"kept": "DMs are closed."}, "Not told: DMs are closed. `/show ab12` brings it."),
        (JobState.FAILED, {"error": "Why.", "kept": "DMs are closed."}, "Failed: Why.\nNot told: DMs are closed."),
    ],
)
def test_a_history_says(state: JobState, details: dict[str, str], said: str) -> None:
    (embed,) = embeds.history(
        [embeds.HistoryRow("Flux", "", "ab12", None, NOW, state, **details)], page=0, pages=1, total=1
    )
    assert said in (embed.description or "")
    assert "brings" not in (embed.description or "") or state is JobState.FINISHED


def test_sentences_and_lists_are_joined_as_the_language_does() -> None:
    row = embeds.HistoryRow("Flux", "", "ab12", None, NOW, JobState.FINISHED, kept="閉じています。")
    odd = embeds.WorkflowRow(
        "Flux", "flux", "", (phrase("prompt"), phrase("picture")), False, lacking([Missing("n", None, "A")])
    )
    crowd = embeds.Crowd(on_server=1, foreign=0, waiting=2)
    with speaking("ja"):
        (past,) = embeds.history([row], page=0, pages=1, total=1)
        (listed,) = embeds.workflows([odd], page=0, pages=1, total=1).fields
        queue = embeds.queue([], crowd, now=NOW, page=0, pages=1, total=0)
    assert "通知できませんでした：閉じています。`/show ab12` で表示できます。" in (past.description or "")
    assert listed.value == "プロンプト、画像\n実行できません。ComfyUIに不足しているもの：ノードクラス「A」。"
    assert queue.description == "ComfyUIで1件が実行中または待機中です。ボットで2件が待機中です。"


def test_an_empty_history_is_a_sentence() -> None:
    assert [embed.description for embed in embeds.history([], page=0, pages=1, total=0)] == ["There is nothing here."]


def test_a_prompt_is_shown_as_text() -> None:
    embed = embeds.setup(embeds.Summary("Flux", "**a** <@1> @everyone\nfox", {}), hint="")
    assert "**a**" not in (embed.description or "")
    assert "@everyone" not in (embed.description or "")
    assert "\n" not in (embed.description or "")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ProgressMetrics(queue_position=0), "Next in line"),
        (ProgressMetrics(queue_position=3), "3 before this one"),
        (ProgressMetrics(), "Waiting for ComfyUI"),
        (ProgressMetrics(online=False), "cannot be heard"),
        (
            ProgressMetrics(50.0, "KSampler", ProgressStatus.RUNNING, step=5, total_steps=10),
            "KSampler, step 5 of 10",
        ),
        (ProgressMetrics(50.0, "KSampler", ProgressStatus.RUNNING, remaining=31), f"<t:{int(NOW) + 30}:R>"),
        (ProgressMetrics(50.0, "KSampler", ProgressStatus.RUNNING), "50 %"),
    ],
)
def test_progress_says(state: ProgressMetrics, said: str) -> None:
    assert said in (embeds.progress(SUMMARY, state, now=NOW).description or "")


def test_progress_says_when_it_was_asked_for() -> None:
    embed = embeds.progress(SUMMARY, ProgressMetrics(), now=NOW, asked=NOW - 61.5)
    assert f"Asked for <t:{int(NOW) - 62}:R>" in (embed.description or "")


def test_what_it_was_asked_for_is_one_quiet_line_without_what_the_title_says() -> None:
    line = "-# Seed 7 · 8.4 s"
    result = embeds.result(SUMMARY, 8.43)
    assert (result.description or "").splitlines() == ["> a fox", line]
    assert not result.fields
    child = embeds.Summary("Reroll", "", {"Workflow": "Flux", "Negative prompt": "rain\n-# **snow**"}, parent="ab12")
    quiet = ["-# Workflow Flux · Negative prompt rain -# \\*\\*snow\\*\\* · 1 min 5 s", "-# From `ab12`"]
    assert (embeds.result(child, 65).description or "").splitlines() == quiet
    assert "-# Seed 7" in (embeds.failure(SUMMARY, "Why.").description or "").splitlines()
    assert "-# Seed 7" in (embeds.progress(SUMMARY, ProgressMetrics(), now=NOW).description or "").splitlines()


def test_nothing_changes_with_the_clock_alone() -> None:
    early = embeds.progress(SUMMARY, ProgressMetrics(remaining=60.0, elapsed=0.0), now=NOW)
    later = embeds.progress(SUMMARY, ProgressMetrics(remaining=50.0, elapsed=10.0), now=NOW + 10)
    assert early == later


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.43, "8.4 s"), (65, "1 min 5 s"), (7380, "2 h 3 min"), (59.96, "1 min 0 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert embeds.duration(seconds) == text


def test_measured_numbers_have_the_decimal_mark_of_the_reader() -> None:
    card = {"type": "cuda", "vram_total": 24 * 2**30, "vram_free": 19 * 2**29}
    with speaking("de"):
        assert embeds.duration(8.43) == "8,4 s"
        embed = embeds.status({"devices": [card]}, queue=0, comfyui_ms=1.5, discord_ms=2.5, started=NOW)
    assert "9,5 von 24 GiB" in (embed.fields[1].value or "")
