"""The life of an interaction: 3 s to answer, once; then 15 min by its token."""

from __future__ import annotations

import pytest

from playground.discord import Callback, DiscordServer, MessageFlag, Upload
from tests.playground.discord.puppet import Ask, Raw

ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


async def test_second_answer_is_40060(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    assert (await raw.answer(interaction, 4, {"content": "first"}))[0] == 200

    status, error = await raw.answer(interaction, 4, {"content": "second"})

    assert (status, error["code"]) == (400, 40060)
    assert interaction.message is not None
    assert interaction.message.content == "first"


async def test_late_answer_is_10062(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    assert not interaction.failed
    server.clock.advance(3.01)
    assert interaction.failed

    status, error = await raw.answer(interaction, 4, {"content": "late"})

    assert (status, error["code"]) == (404, 10062)
    assert interaction.failed
    assert interaction.message is None
    with pytest.raises(TimeoutError, match=r"ada's /draw: no answer"):
        await interaction.answered(timeout=0.01)


async def test_unknown_interaction(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    for path in (f"/interactions/1/{interaction.token}/callback", f"/interactions/{interaction.id}/no/callback"):
        status, error = await raw("POST", path, {"type": 5})
        assert (status, error["code"]) == (404, 10062)
    assert [request.status for request in server.refused] == [404, 404]


async def test_answer_after_3_s_is_fine_once_deferred(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    assert interaction.answered_at is None
    await raw.answer(interaction, 5)
    assert interaction.answered_at is not None
    assert interaction.created_at <= interaction.answered_at <= server.clock.time()
    server.clock.advance(60)

    status, message = await raw("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "done"})

    assert status == 200
    assert message["flags"] == 0
    assert message["edited_timestamp"] is None
    assert not interaction.failed
    assert [state.thinking for state in interaction.edits] == [True, False]
    _, message = await raw("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "edited"})
    assert message["edited_timestamp"] is not None


async def test_token_dies_after_15_minutes(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 5)
    server.clock.advance(15 * 60 - 1)
    assert (await raw("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "50 %"}))[0] == 200
    server.clock.advance(2)

    for method, path, body in (
        ("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "done"}),
        ("GET", raw.hook(interaction, "/messages/@original"), None),
        ("POST", raw.hook(interaction), {"content": "done"}),
    ):
        status, error = await raw(method, path, body)
        assert (status, error["code"]) == (401, 50027)

    message = interaction.message
    assert message is not None
    path = f"/channels/{message.channel.id}/messages/{message.id}"
    assert (await raw("PATCH", path, {"content": "done"}))[0] == 200
    assert (await interaction.until(lambda m: m.content == "done")).id == message.id


async def test_a_user_s_own_file_limit_ends_with_the_token(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    server.attachment_size_limit = 10
    server.user("ada").attachment_size_limit = 20
    interaction = await asked()
    await raw.answer(interaction, 5)
    file = Upload("a.png", b"x" * 20)
    assert (await raw("PATCH", raw.hook(interaction, "/messages/@original"), {}, files=(file,)))[0] == 200

    server.clock.advance(16 * 60)

    path = f"/channels/{interaction.channel.id}/messages/{interaction.original_id}"
    status, error = await raw("PATCH", path, {}, files=(file,))
    assert (status, error["code"]) == (413, 40005)
    assert (await raw("PATCH", path, {}, files=(Upload("a.png", b"x" * 10),)))[0] == 200


async def test_a_token_says_nothing_in_a_channel_that_is_gone(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 5)
    server.delete_channel(interaction.channel)

    status, error = await raw("POST", raw.hook(interaction), {"content": "hi"})
    assert (status, error["code"]) == (404, 10003)
    status, error = await raw("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "hi"})
    assert (status, error["code"]) == (404, 10008)
    assert len(server.histories) == 1


async def test_bot_token_does_not_reach_ephemeral_messages(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 5, {"flags": 64})
    message = interaction.message
    assert message is not None
    path = f"/channels/{message.channel.id}/messages/{message.id}"

    for method, body in (("PATCH", {"content": "x"}), ("GET", None), ("DELETE", None)):
        status, error = await raw(method, path, body)
        assert (status, error["code"]) == (404, 10008)
    assert (await raw("GET", raw.hook(interaction, "/messages/@original")))[0] == 200


async def test_deferral_keeps_only_the_ephemeral_flag(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    _, answer = await raw.answer(interaction, 5, {"flags": 64 | 4 | 4096, "content": "not yet"})

    assert answer == {
        "interaction": {
            "id": str(interaction.id),
            "type": 2,
            "response_message_id": str(interaction.original_id),
            "response_message_loading": True,
            "response_message_ephemeral": True,
            "channel_id": str(interaction.channel.id),
        }
    }
    assert interaction.message is not None
    assert interaction.message.flags == MessageFlag.EPHEMERAL | MessageFlag.LOADING
    assert interaction.message.content == ""


async def test_first_followup_takes_the_place_of_thinking(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 5, {"flags": 64})

    _, first = await raw("POST", raw.hook(interaction), {"content": "one"})
    _, second = await raw("POST", raw.hook(interaction), {"content": "two"})

    assert first["id"] == str(interaction.original_id)
    assert first["flags"] == 64
    assert second["flags"] == 0
    assert [message.content for message in interaction.followups] == ["two"]


async def test_followups_are_read_edited_and_deleted(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 4, {"content": "hi"})
    _, sent = await raw("POST", raw.hook(interaction), {"content": "two", "flags": 64})
    path = raw.hook(interaction, f"/messages/{sent['id']}")

    assert (await raw("PATCH", path, {"content": "2"}))[1]["content"] == "2"
    assert (await raw("GET", path))[1]["content"] == "2"
    assert interaction.followups[0].ephemeral
    assert (await raw("DELETE", path))[0] == 204
    assert interaction.followups == ()
    assert (await raw("GET", path))[1]["code"] == 10008
    assert (await raw("GET", raw.hook(interaction, "/messages/1")))[1]["code"] == 10008


async def test_original_can_be_deleted(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 4, {"content": "hi"})

    assert (await raw("DELETE", raw.hook(interaction, "/messages/@original")))[0] == 204
    assert interaction.message is None
    assert [state.content for state in interaction.edits] == ["hi"]
    assert (await raw("PATCH", raw.hook(interaction, "/messages/@original"), {"content": "x"}))[1]["code"] == 10008


async def test_webhook_needs_an_answered_interaction_of_this_application(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    assert (await raw("POST", raw.hook(interaction), {"content": "early"}))[1]["code"] == 10015
    await raw.answer(interaction, 5)
    assert (await raw("POST", f"/webhooks/1/{interaction.token}", {"content": "x"}))[1]["code"] == 10015
    assert (await raw("POST", raw.hook(interaction)[:-1], {"content": "x"}))[1]["code"] == 10015


async def test_user_installed_use_has_five_followups(server: DiscordServer, raw: Raw) -> None:
    command = {"name": "draw", "description": "Draw", "contexts": [0, 1, 2], "integration_types": [0, 1]}
    await raw.register(command)
    interaction = await server.user("ada").slash(server.private_channel("friends"), "draw")
    await raw.answer(interaction, 4, {"content": "hi"})
    assert interaction.message is not None

    answers = []
    for number in range(6):
        server.clock.advance(5)
        answers.append(await raw("POST", raw.hook(interaction), {"content": str(number)}))

    assert [status for status, _ in answers] == [200] * 5 + [400]
    assert answers[-1][1]["code"] == 40094
    path = f"/channels/{interaction.channel.id}/messages/{interaction.message.id}"
    assert (await raw("PATCH", path, {"content": "x"}))[1]["code"] == 50001


async def test_response_tells_what_it_made(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    status, answer = await raw.answer(interaction, 4, {"content": "hi", "components": [ROW]})

    assert status == 200
    assert answer["interaction"]["response_message_id"] == answer["resource"]["message"]["id"]
    assert not answer["interaction"]["response_message_loading"]
    assert answer["resource"]["type"] == 4
    message = answer["resource"]["message"]
    assert message["interaction_metadata"]["user"]["username"] == "ada"
    assert message["interaction"]["name"] == "draw"
    assert message["type"] == 20


async def test_without_with_response_there_is_no_body(asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert await raw("POST", path, {"type": 4, "data": {"content": "hi"}}) == (204, None)


async def test_deferred_edit_stands_for_the_clicked_message(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 4, {"content": "hi", "components": [ROW]})
    assert interaction.message is not None
    click = await server.user("ada").click(interaction.message, "Go")

    _, answer = await raw.answer(click, 6)
    await raw("PATCH", raw.hook(click, "/messages/@original"), {"content": "clicked"})

    assert answer["interaction"]["response_message_id"] == str(interaction.message.id)
    assert "resource" not in answer
    assert [state.content for state in click.edits] == ["clicked"]
    assert click.response_type is Callback.DEFERRED_EDIT


async def test_click_on_a_message_that_went_meanwhile(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 4, {"content": "hi", "components": [ROW]})
    assert interaction.message is not None
    click = await server.user("ada").click(interaction.message, "Go")
    await raw("DELETE", raw.hook(interaction, "/messages/@original"))

    assert (await raw.answer(click, 7, {"content": "x"}))[1]["code"] == 10008


@pytest.mark.parametrize(("kind", "refused"), [(1, True), (6, True), (7, True), (8, True), (5, False), (None, True)])
async def test_commands_take_certain_answers(asked: Ask, raw: Raw, kind: int, refused: bool) -> None:
    interaction = await asked()
    status, answer = await raw.answer(interaction, kind)

    assert status == (400 if refused else 200)
    if refused:
        assert answer["code"] == 50035
        assert "type" in answer["errors"]
        assert interaction.response_type is None


async def test_old_messages_take_few_edits(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    await raw.answer(interaction, 4, {"content": "hi"})
    message = interaction.message
    assert message is not None
    path = f"/channels/{message.channel.id}/messages/{message.id}"
    assert (await raw("PATCH", path, {"content": "young"}))[0] == 200
    server.clock.advance(3601)

    answers = [await raw("PATCH", path, {"content": str(number)}) for number in range(4)]

    assert [status for status, _ in answers] == [200, 200, 200, 429]
    assert answers[-1][1]["code"] == 30046
    assert "Via" not in raw.headers
    assert server.count_429 == 1
