"""A prompt with choices from outside: one question, then a card and a video for each."""

from storage.records import State
from tests.support.bot_env import BotEnv


async def test_choices_are_confirmed_together_and_posted_singly(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await bot_env.create(prompt=r"a {red|blue} lighthouse \{at dusk}")
        question = await asked.wait_shown()
        assert question.is_ephemeral
        assert "a red lighthouse {at dusk}" in question.content
        assert "a blue lighthouse {at dusk}" in question.content
        assert not bot_env.discord.messages(bot_env.channel)
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await bot_env.until(
            lambda rows: [row.state for row in rows] == [State.POSTED, State.POSTED]
        )
    texts = sorted(video.content for video in bot_env.videos(bot_env.channel))
    assert ["1 of 2" in texts[1], "2 of 2" in texts[0]] == [True, True]
    prompts = {call.body["prompt"] for call in bot_env.provider.creates}
    assert prompts == {f"a {colour} lighthouse {{at dusk}}" for colour in ("red", "blue")}
    assert not bot_env.discord.invalid_calls()
