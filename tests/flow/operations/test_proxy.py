"""The bot behind an HTTP proxy: proxied and direct connections, and proxy failures."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.demo.provider.simulator import SeedanceSimulator
from storage.records import State
from tests.support.bot_env import BotEnv, open_bot_env, picture
from tests.support.discord.records import Upload
from tests.support.proxy import RecordingProxy
from tests.support.sqlite import new_sqlite

LOGIN = "worker:p%40ss%2Fword"
PASSWORD = "p@ss/word"


def through(bot_env: BotEnv, proxy: RecordingProxy, login: str = "") -> dict[str, Any]:
    url = f"http://{login}@127.0.0.1:{proxy.port}" if login else proxy.url
    return {"https_proxy": SecretStr(url)}


def origin(url: str) -> str:
    return urlsplit(url).netloc


async def one_video(bot_env: BotEnv, **settings: Any) -> None:
    async with bot_env.running(**settings):
        await (await bot_env.create(files={"image1": Upload("cat.png", picture())})).wait_shown()
        await bot_env.until_state(State.POSTED)


async def test_discord_provider_and_downloads_go_through_the_proxy(tmp_path: Path) -> None:
    database = new_sqlite(tmp_path / "bot.db")
    async with (
        RecordingProxy(login=f"worker:{PASSWORD}") as proxy,
        open_bot_env(database, tmp_path) as bot_env,
    ):
        await one_video(bot_env, **through(bot_env, proxy, LOGIN))
        assert len(bot_env.videos()) == 1
        discord, provider = origin(bot_env.discord.world.base_url), origin(bot_env.provider.url)
        passed = "\n".join(proxy.passed)
        assert proxy.targets() == {discord, provider}
        assert f"GET http://{discord}/api/v10/users/@me" in passed
        assert f"POST http://{discord}/api/v10/channels/{bot_env.channel.id}/messages" in passed
        assert f"ws://{discord}/gateway" in passed
        assert f"GET http://{discord}/ephemeral-attachments/" in passed
        assert f"POST http://{provider}/api/open-api/v1/files/upload" in passed
        assert f"POST http://{provider}/api/open-api/v1/seedance/videos" in passed
        assert f"GET http://{provider}/api/open-api/v1/videos/" in passed
        assert ".mp4" in passed


async def test_what_no_proxy_names_goes_past_it(tmp_path: Path) -> None:
    database = new_sqlite(tmp_path / "bot.db")
    async with RecordingProxy() as proxy, open_bot_env(database, tmp_path) as bot_env:
        direct = origin(bot_env.provider.url)
        await one_video(bot_env, **through(bot_env, proxy), no_proxy=(direct,))
        assert proxy.targets() == {origin(bot_env.discord.world.base_url)}
        passed = len(proxy.passed)
        async with bot_env.running(**through(bot_env, proxy), no_proxy=("127.0.0.0/8",)):
            await (await bot_env.create()).wait_shown()
            await bot_env.until_state(State.POSTED, number=1)
        assert len(proxy.passed) == passed


async def test_a_proxy_that_refuses_means_the_request_was_never_sent(tmp_path: Path) -> None:
    database = new_sqlite(tmp_path / "bot.db")
    async with (
        RecordingProxy(refuses=502) as proxy,
        open_bot_env(database, tmp_path) as bot_env,
        SeedanceSimulator(api_key="other-key-0123456789") as elsewhere,
    ):
        # an https address, so that the proxy is asked for a tunnel and none of the request is sent
        url = elsewhere.url.replace("http:", "https:")
        past = (origin(bot_env.discord.world.base_url),)
        async with bot_env.running(**through(bot_env, proxy), no_proxy=past, seedance_base_url=url):
            await (await bot_env.create()).wait_shown()
            await bot_env.until(lambda rows: bool(rows) and rows[0].attempt > 0)
        request = await bot_env.request()
        assert request.state is State.QUEUED
        assert f"CONNECT {origin(url)}" in proxy.passed
        assert elsewhere.calls == []
