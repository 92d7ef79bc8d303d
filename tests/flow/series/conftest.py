"""A member who makes series; the questions are answered through the service."""

from dataclasses import dataclass

import pytest

from bot.app import App
from bot.demo.provider.faults import CallName, Fault
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef
from bot.services.caller import Caller, Receipt
from bot.services.series.views import SeriesWish
from storage.engine.transaction import Database
from storage.quotas import ledger_check
from storage.records import Request
from storage.requests import requests, series
from tests.flow.fast_forward import Flow
from tests.services.quotas.counter import EVERYTHING, MEMBER, MODERATORS
from tests.support.bot_env import BotEnv, picture
from tests.support.discord.records import Message, Upload

PROMPTS = ("a lighthouse at dusk", "the lamp is lit", "a ship passes")


@dataclass
class Shooting:
    """One member's series in one environment."""

    bot_env: BotEnv
    presses: int = 0

    def caller(self, *, moderates: bool = False) -> Caller:
        self.presses += 1
        return Caller(
            interaction_id=(1 << 61) + self.presses,
            user_id=self.bot_env.alice.id + int(moderates),
            guild_id=self.bot_env.guild.id,
            channel_id=self.bot_env.channel.id,
            member_permissions=MODERATORS if moderates else MEMBER,
            app_permissions=EVERYTHING,
        )

    async def ask(
        self, app: App, *prompts: str, files: tuple[MediaRef, ...] = (), model: str = ""
    ) -> Receipt:
        """Ask for a series and confirm it, as the form and its question do."""
        services = app.bot.services
        wish = SeriesWish(prompts or PROMPTS, files=files, model=model, duration=4)
        made = await services.series.create(self.caller(), wish)
        receipt = await services.drafts.confirm(self.caller(), made.request.id, shown_micros=10**12)
        await services.requests.answered(receipt.request.id, is_seen=True)
        return receipt

    def picture(self) -> MediaRef:
        """A picture that the member attached."""
        upload = Upload("lamp.png", picture())
        attached = self.bot_env.discord.world.take_upload(upload)
        return MediaRef(
            source=MediaSource.ATTACHMENT,
            url=attached.url,
            field="image1",
            name="lamp.png",
            content_type="image/png",
        )

    def meets(self, prompt: str, fault: Fault) -> None:
        """What every create with this prompt meets."""
        self.bot_env.provider.faults.every(
            CallName.CREATE, lambda call: fault if call.body["prompt"] == prompt else None
        )

    async def shots(self, series_id: str) -> list[Request]:
        async with self.bot_env.database.reading() as tx:
            return await series.shots_of(tx, series_id)

    async def whole(self, series_id: str) -> Request:
        async with self.bot_env.database.reading() as tx:
            return await requests.require(tx, series_id)

    def films(self, series_id: str) -> list[Message]:
        """Messages that carry the film."""
        return [
            message
            for message in self.bot_env.discord.messages()
            if any(file.filename == f"{series_id}.mp4" for file in message.attachments)
        ]

    def cards(self, series_id: str) -> list[Message]:
        return [
            message
            for message in self.bot_env.discord.messages(self.bot_env.channel)
            if f"`{series_id}`" in message.content and message not in self.films(series_id)
        ]


async def ledger_is_right(database: Database) -> None:
    async with database.reading() as tx:
        assert not await ledger_check.differences(tx)
        assert not await ledger_check.hour_differences(tx)


@pytest.fixture
def shooting(bot_env: BotEnv) -> Shooting:
    return Shooting(bot_env)


@pytest.fixture
def flowing(flow: Flow) -> Shooting:
    """The same in an environment whose clock skips waiting times."""
    return Shooting(flow.bot_env)
