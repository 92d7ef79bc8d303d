"""Text that no database can hold, typed by a member, over the real gateway."""

from pathlib import Path

from storage.records import State
from tests.support.bot_env import open_bot_env
from tests.support.sqlite import new_sqlite

HALF = "\ud83d"


async def test_half_a_character_in_a_prompt_or_a_link_stops_nothing(tmp_path: Path) -> None:
    async with (
        open_bot_env(new_sqlite(tmp_path / "bot.db"), tmp_path) as bot_env,
        bot_env.running(),
    ):
        await (await bot_env.create(prompt=f"a cat {HALF}")).wait_shown()
        await bot_env.until_state(State.POSTED)
        assert '"a cat ?"' in (await bot_env.request()).spec
        refused = await (await bot_env.create(links=f"https://{HALF}.example/x")).wait_shown()
        assert "https://?.example/x" in refused.content
        assert len(await bot_env.requests()) == 1
