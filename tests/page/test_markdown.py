"""Discord's markdown where it is not obvious: what is none, what is nested, what is cut off, what is long."""

from __future__ import annotations

import pytest

from tests.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = """async (texts) => {
    const { Text } = await import("/page/js/text.js");
    const names = { user: () => null, channel: () => null };
    return texts.map((text) => {
        const box = document.createElement("div");
        box.append(...new Text(names).blocks(text));
        for (const one of box.querySelectorAll("*"))
            for (const name of one.getAttributeNames()) one.removeAttribute(name);
        return box.innerHTML;
    });
}"""
CASES = {
    "snake_case_name, 2 * 3 * 4, #no, **open": "<p>snake_case_name, 2 * 3 * 4, #no, **open</p>",
    "**a *b* c** *a **b** c* ***x***": (
        "<p><strong>a <em>b</em> c</strong> <em>a <strong>b</strong> c</em> <strong><em>x</em></strong></p>"
    ),
    "__a _b_ c__ ~~_y_~~": "<p><u>a <em>b</em> c</u> <s><em>y</em></s></p>",
    "||**x**||": "<p><span><span><strong>x</strong></span></span></p>",
    "\\*\\*no\\*\\* \\`no\\` \\||no||": "<p>**no** `no` ||no||</p>",
    "`a*b*` ``a`b`` **`*`**": "<p><code>a*b*</code> <code>a`b</code> <strong><code>*</code></strong></p>",
    "- a\n- b\n\nafter": "<ul><li>a</li><li>b</li></ul><p>after</p>",
    "- a\n1. b\n2. c": "<ul><li>a</li></ul><ol><li>b</li><li>c</li></ol>",
    "> q\nno\n>>> all\nof it": "<blockquote><p>q</p></blockquote><p>no</p><blockquote><p>all\nof it</p></blockquote>",
    "```\n7\n```": "<pre><code>7</code></pre>",
    "a ```py\nb```c": "<p>a </p><pre><code>b</code></pre><p>c</p>",
    "``` ```": "<p>``` ```</p>",
    "see (https://a.example/c_(d)).": "<p>see (<a>https://a.example/c_(d)</a>).</p>",
    "<https://a.example> [b](javascript:x) [b](https://a.example)": (
        "<p><a>https://a.example</a> [b](javascript:x) <a>b</a></p>"
    ),
    "<:fox:123> <@1> <#1> @here": "<p>:fox: <span>@unknown-user</span> <span>#unknown</span> <span>@here</span></p>",
    "<t:99999999999999:R>": "<p>&lt;t:99999999999999:R&gt;</p>",
    "<t:8640000000001:R>": "<p><span>&lt;t:8640000000001&gt;</span></p>",
    "&lt; &amp; <b>": "<p>&amp;lt; &amp;amp; &lt;b&gt;</p>",
}


async def test_trees(window: Window) -> None:
    assert dict(zip(CASES, await window.page.evaluate(HTML, list(CASES)), strict=True)) == CASES


async def test_nothing_that_can_be_written_takes_long(window: Window) -> None:
    """The longest text of an embed, of whatever opens something."""
    texts = [(mark * 4096)[:4096] for mark in ("[", "*a", "_a ", "||a", "***a", "`a", "> - ", "[a](", "[" * 99 + "](")]
    seconds = await window.page.evaluate(
        "async (texts) => { const { parse } = await import('/page/js/markdown.js'); const began = performance.now();"
        "texts.forEach((text) => parse(text)); return (performance.now() - began) / 1000; }",
        texts,
    )
    assert seconds < 3
