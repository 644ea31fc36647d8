"""What stands in messages, and what happens to it when they change."""

from __future__ import annotations

import re

import pytest

from playground.discord import Upload
from tests.page.conftest import Open
from tests.page.scenery import CONTROLS, EMBED, HOSTILE, MARKDOWN, Hand, button, png, row
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_markdown_is_shown_as_such(hand: Hand, window: Window) -> None:
    await hand.server.user("ada").say(hand.general, MARKDOWN)
    content = window.last.locator(".content")
    for element, text in (
        ("[role=heading]", "A heading"),
        ("p > strong", "bold"),
        ("p > em", "italic"),
        ("u", "underlined"),
        ("s", "gone"),
        ("p > code", "code"),
        ("strong > em", "both"),
        ("blockquote", "quoted\ntwice"),
        ("ul ul li", "deeper"),
        ("ol li >> nth=1", "second"),
        (".subtext", "small print"),
        ("pre", 'print("**not bold**")'),
        ("a >> nth=0", "a link"),
        ("a >> nth=1", "https://example.com/x"),
    ):
        await expect(content.locator(element).first).to_have_text(text)
    await expect(content.get_by_text("*no star*")).to_be_visible()
    await expect(content.locator("a").first).to_have_attribute("href", "https://example.com/a_(b)")
    await expect(content.locator("a").first).to_have_css("text-decoration-line", "underline")  # more than a colour
    spoiler = content.locator(".spoiler")
    assert await spoiler.locator(".spoiler-text").evaluate("cover => getComputedStyle(cover).opacity") == "0"
    await spoiler.focus()
    await spoiler.press("Enter")
    assert await spoiler.locator(".spoiler-text").evaluate("cover => getComputedStyle(cover).opacity") == "1"


async def test_relative_times_count(hand: Hand, window: Window) -> None:
    await window.page.clock.install()
    now = int(await window.page.evaluate("Date.now() / 1000"))
    await hand.post(content=f"done <t:{now + 55}:R>")
    await expect(window.last.locator("time.timestamp")).to_have_text(re.compile(r"in [45]\d seconds"))
    await window.page.clock.run_for(20_000)
    await expect(window.last.locator("time.timestamp")).to_have_text(re.compile(r"in ([1-9]|[1-3]\d) seconds?"))


async def test_an_embed_has_its_parts_and_pictures_open_large(hand: Hand, window: Window) -> None:
    files = (Upload("large.png", png(size=(640, 480))), Upload("small.png", png(size=(64, 64))))
    await hand.post(*files, embeds=[EMBED], components=CONTROLS)
    embed = window.last.locator(".embed")
    await expect(embed.locator(".embed-field")).to_have_count(4)
    await expect(embed.locator(".embed-footer")).to_have_text("Choose what you like.")
    tops = await embed.locator(".embed-field").evaluate_all("all => all.map(one => one.offsetTop)")
    assert tops[0] == tops[1] == tops[2] < tops[3]
    await expect(window.last.locator(".tile, .card")).to_have_count(0)
    await embed.get_by_role("button", name="Open the picture").last.click()
    large = window.page.locator(".lightbox")
    await expect(large.locator(".lightbox-facts")).to_contain_text("640 × 480")
    await expect(large.get_by_role("link", name="Download")).to_have_attribute("download", "large.png")
    await window.page.keyboard.press("+")
    await expect(large.locator(".lightbox-stage")).to_have_class(re.compile("zoomed"))
    await window.page.keyboard.press("Escape")
    await expect(large).to_have_count(0)
    await expect(embed.locator(".embed-image")).to_be_focused()


async def test_galleries_players_and_cards(hand: Hand, window: Window) -> None:
    await hand.post(*(Upload(f"{n}.png", png()) for n in range(10)))
    await expect(window.last.locator(".tile")).to_have_count(10)
    await window.last.locator(".tile").nth(9).click()
    await expect(window.page.locator(".lightbox-facts")).to_contain_text("10 of 10")
    await window.page.keyboard.press("ArrowRight")
    await expect(window.page.locator(".lightbox-facts")).to_contain_text("1 of 10")
    await window.page.keyboard.press("Escape")
    await hand.everything()
    await expect(window.last.locator("audio")).to_have_count(1)
    card = window.last.locator(".card")
    await expect(card).to_contain_text("5 bytes")
    async with window.page.expect_download() as download:
        await card.get_by_role("link", name="Download notes.txt").click()
    assert (await download.value).suggested_filename == "notes.txt"
    await window.last.get_by_role("button", name="Spoiler: show SPOILER_end.png").click()
    await expect(window.last.get_by_role("button", name="Open SPOILER_end.png")).to_be_focused()


async def test_an_edit_renews_what_changed_and_nothing_else(hand: Hand, window: Window) -> None:
    for n in range(30):
        await hand.server.user("bob").say(hand.general, f"Message {n}")
    picture = Upload("large.png", png(size=(640, 480)))
    image = {"url": "attachment://large.png"}
    progress = {"title": "A job", "description": "10 %", "image": image}
    said = await hand.post(picture, embeds=[progress], components=[row(button("Cancel", "cancel"))])
    await window.button("Cancel").focus()
    await window.last.locator(".embed-image img").evaluate("image => { image.kept = true }")
    await window.page.locator("#scroller").evaluate("box => { box.scrollTop -= 120 }")
    await expect(window.page.get_by_role("button", name="Newest messages")).to_be_visible()
    before = await window.page.locator("#scroller").evaluate("box => box.scrollTop")
    await hand.edit(said, embeds=[{**progress, "description": "20 %"}])
    await expect(window.last.locator(".embed-text")).to_have_text("20 %")
    assert await window.page.locator("#scroller").evaluate("box => box.scrollTop") == before
    assert await window.last.locator(".embed-image img").evaluate("image => image.kept")
    await expect(window.button("Cancel")).to_be_focused()
    components = [row(button("Stop", "cancel"))]
    await hand.edit(
        said,
        Upload("next.png", png("#204060", (640, 480))),
        attachments=[{"id": 0}],
        embeds=[{**progress, "image": {"url": "attachment://next.png"}}],
        components=components,
    )
    await expect(window.button("Stop")).to_be_focused()
    await expect(window.last.locator(".embed-image img")).to_have_count(1)
    assert "next.png" in (await window.last.locator(".embed-image img").get_attribute("src") or "")


async def test_what_somebody_wrote_is_never_more_than_text(hand: Hand, open_window: Open) -> None:
    server = hand.server
    server.channel(HOSTILE).topic = HOSTILE
    mallory = server.user(HOSTILE)
    embed = {
        **dict.fromkeys(("title", "description"), HOSTILE),
        "url": "https://example.com",
        "author": {"name": HOSTILE},
        "footer": {"text": HOSTILE},
        "fields": [{"name": HOSTILE, "value": HOSTILE}],
        "image": {"url": "https://example.com/spy.png"},
    }
    label = HOSTILE[:80]
    await hand.post(
        Upload(f"{HOSTILE}.txt", b"x"),
        Upload("page.html", HOSTILE.encode()),
        Upload("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        content=f"{HOSTILE} [a](javascript:window.hacked=1) [b](https://e.com/%22onclick=1) <@{mallory.id}>",
        embeds=[embed],
        components=[row(button(label, HOSTILE))],
    )
    window = await open_window(server)
    reached: list[str] = []
    window.page.on("request", lambda request: reached.append(request.url))
    await window.become(HOSTILE.title())
    await window.go(HOSTILE)
    await window.go("general")
    await window.say(HOSTILE)
    await expect(window.last.locator(".content")).to_have_text(HOSTILE)
    post = window.messages.first
    await expect(post.locator(".embed-title")).to_have_text(HOSTILE)
    await expect(post.locator(".button")).to_have_text(label)
    await expect(post.locator("a[href^='javascript']")).to_have_count(0)
    await expect(post.locator("img")).to_have_count(0)
    await expect(post.locator(".card")).to_have_count(3)
    assert await window.page.evaluate("window.hacked") is None
    assert [url for url in reached if not url.startswith(server.cdn_url)] == []


async def test_older_messages_come_when_one_scrolls_up_to_them(hand: Hand, open_window: Open) -> None:
    bob = hand.server.user("bob")
    for n in range(230):
        await bob.say(hand.general, f"Message {n}")
    first = hand.general.messages[0]
    guild = hand.server.guild.id
    await hand.post(content=f"[the first](https://discord.com/channels/{guild}/{hand.general.id}/{first.id})")
    window = await open_window(hand.server)
    await expect(window.messages).to_have_count(100)
    await expect(window.page.locator("#welcome")).to_be_hidden()
    await window.page.get_by_role("link", name="the first").click()
    await expect(window.messages).to_have_count(231)
    await expect(window.page.locator(f"#message-{first.id}")).to_be_focused()
    await expect(window.page.locator(f"#message-{first.id}")).to_be_in_viewport()
    await bob.say(hand.general, "One more")
    newest = window.page.get_by_role("button", name="1 new")
    await newest.click()
    await expect(window.last).to_be_in_viewport()
    await expect(newest).to_be_hidden()
    await bob.say(hand.general, "And another")
    await expect(window.messages).to_have_count(100)
    await expect(window.last).to_be_in_viewport()


async def test_messages_that_are_laid_out_by_components(hand: Hand, window: Window) -> None:
    def media(name: str) -> dict[str, dict[str, str]]:
        return {"media": {"url": f"attachment://{name}"}}

    thumbnail = {"type": 11, **media("small.png")}
    files = (Upload("small.png", png(size=(64, 64))), Upload("large.png", png()), Upload("notes.txt", b"words"))
    parts = [
        {"type": 10, "content": "**Bold**"},
        {"type": 14},
        {"type": 14, "divider": False},
        {"type": 9, "components": [{"type": 10, "content": "Beside it"}], "accessory": thumbnail},
        {"type": 12, "items": [{**media("large.png"), "description": "A field"}]},
        {"type": 13, "file": {"url": "attachment://notes.txt"}},
        row(button("Press", "press")),
    ]
    await hand.post(*files, flags=1 << 15, components=[{"type": 17, "accent_color": 0xFF0000, "components": parts}])
    box = window.last.locator(".embed")
    await expect(box.locator("strong")).to_have_text("Bold")
    await expect(box.locator(".embed-thumbnail img")).to_have_count(1)
    await expect(box.get_by_role("button", name="Open A field")).to_be_visible()
    await expect(box.locator(".card")).to_contain_text("notes.txt")
    await expect(box.locator("hr")).to_have_count(2)
    await expect(box.locator("hr").first).to_be_visible()
    await expect(box.locator("hr").last).to_be_hidden()
    await box.get_by_role("button", name="Press").click()
    await hand.hears("press")


async def test_messages_of_one_author_stand_together(hand: Hand, window: Window) -> None:
    ada, bob = hand.server.user("ada"), hand.server.user("bob")
    for author, content in ((ada, "one"), (ada, "two"), (bob, "three")):
        await author.say(hand.general, content)
    await expect(window.last).to_contain_text("three")
    heads = await window.messages.evaluate_all("all => all.map(one => one.querySelector('.byline .name')?.textContent)")
    assert heads == ["Ada", None, "Bob"]
