"""Builds the desks and what answers members with them."""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from bot.building.foundation import Foundation
from bot.desk.administration import AdminDesk
from bot.desk.admission import Admission, DeskSettings
from bot.desk.allowances import AllowanceDesk
from bot.desk.arrivals import ArrivalDesk
from bot.desk.blocks import BlockDesk
from bot.desk.chronicle import HistoryDesk
from bot.desk.complaints import ComplaintDesk
from bot.desk.disk import DiskGauge
from bot.desk.drafts import DraftDesk
from bot.desk.films import FilmDesk
from bot.desk.followups import FollowUpDesk
from bot.desk.forms import FormDesk
from bot.desk.limits import MICROS
from bot.desk.metering import QuotaSettings
from bot.desk.models import ModelDesk
from bot.desk.mydata import MyDataDesk
from bot.desk.newcomers import Newcomers
from bot.desk.owner import OwnerDesk, OwnerSettings
from bot.desk.quotas import QuotaDesk
from bot.desk.requests import RequestDesk
from bot.desk.reviews import ReviewDesk
from bot.desk.spending import SpendingDesk
from bot.desk.statistics import StatisticsDesk
from bot.desk.uncertain import UncertainDesk
from bot.desk.words import WordDesk
from bot.media.charts import Charts
from bot.posting.services import Services
from bot.posting.texts import Texts
from bot.provider.client import SeedanceClient
from bot.settings import Settings
from bot.versions import versions
from bot.worker.nudge import Nudge


def quota_settings(settings: Settings) -> QuotaSettings:
    """The owner's limits as the desks count them."""

    def micros(budget: Decimal | None) -> int | None:
        return None if budget is None else int(budget * MICROS)

    return QuotaSettings(
        member_videos=settings.user_daily_videos,
        server_videos=settings.server_daily_videos,
        bot_videos=settings.bot_daily_videos,
        server_budget=micros(settings.server_monthly_budget),
        bot_budget=micros(settings.bot_monthly_budget),
        currency=settings.currency,
        owner_ids=settings.owner_ids,
    )


def build_services(
    base: Foundation, provider: SeedanceClient, disk: DiskGauge, nudge: Nudge, erased: Nudge
) -> Services:
    """Every desk, with the texts and prices that answers are made of.

    `nudge` wakes the worker, `erased` its sweep.
    """
    return _Desks(base, provider, disk, nudge, erased).services()


@dataclass(frozen=True, slots=True)
class _Desks:
    base: Foundation
    provider: SeedanceClient
    disk: DiskGauge
    nudge: Nudge
    erased: Nudge

    def services(self) -> Services:
        base, database, clock = self.base, self.base.database, self.base.clock
        settings, nudge = base.settings, self.nudge
        models = self._models()
        quotas = QuotaDesk(quota_settings(settings))
        limits = self._limits()
        admission = Admission(base.catalogue, models, self.disk, limits)
        followups = FollowUpDesk(database, base.catalogue, models)
        texts = Texts()
        return Services(
            requests=RequestDesk(
                database,
                base.catalogue,
                models,
                quotas,
                admission,
                limits,
                clock=clock,
                choose=secrets.choice,
                nudge=nudge,
            ),
            admin=self._admin(models, texts),
            arrivals=ArrivalDesk(
                database, allowed_guilds=settings.allowed_guilds, clock=clock, nudge=nudge
            ),
            my_data=MyDataDesk(database, clock=clock, nudge=nudge, erased=self.erased),
            newcomers=Newcomers(database, clock=clock),
            models=models,
            owner=self._owner(),
            uncertain=self._uncertain(quotas),
            quotas=AllowanceDesk(database, quotas, clock=clock, currency=settings.currency),
            drafts=DraftDesk(database, admission, quotas, clock=clock, nudge=nudge),
            followups=followups,
            films=FilmDesk(
                database, followups, admission, clock=clock, nudge=nudge, erased=self.erased
            ),
            forms=self._forms(models, admission),
            spending=self._spending(),
            statistics=StatisticsDesk(self.base.database, clock=self.base.clock),
            charts=self._charts(),
            reviews=ReviewDesk(database, clock=clock, nudge=nudge),
            complaints=ComplaintDesk(database, clock=clock, nudge=nudge),
            history=HistoryDesk(database),
            blocks=BlockDesk(database, clock=clock),
            words=WordDesk(database, clock=clock),
            texts=texts,
            catalogue=base.catalogue,
            clock=clock,
            currency=settings.currency,
            privacy_url=settings.privacy_url,
            terms_url=settings.terms_url,
        )

    def _models(self) -> ModelDesk:
        settings = self.base.settings
        return ModelDesk(
            self.base.database,
            self.base.catalogue,
            default=settings.default_model,
            for_new=settings.new_server_models,
        )

    def _limits(self) -> DeskSettings:
        settings = self.base.settings
        return DeskSettings(
            allowed_guilds=frozenset(settings.allowed_guilds),
            max_active=settings.seedance_max_active,
            upload_limit_bytes=settings.upload_limit_bytes,
        )

    def _admin(self, models: ModelDesk, texts: Texts) -> AdminDesk:
        return AdminDesk(
            self.base.database,
            self.base.catalogue,
            models,
            languages=texts.languages,
            clock=self.base.clock,
            erased=self.erased,
        )

    def _forms(self, models: ModelDesk, admission: Admission) -> FormDesk:
        desk = FormDesk(
            self.base.database,
            self.base.catalogue,
            models,
            admission,
            clock=self.base.clock,
            choose=secrets.choice,
        )
        self.base.stack.push_async_callback(desk.close)
        return desk

    def _spending(self) -> SpendingDesk:
        return SpendingDesk(
            self.base.database,
            clock=self.base.clock,
            currency=self.base.settings.currency,
            has_prices=self.base.has_prices,
        )

    def _charts(self) -> Charts:
        charts = Charts()
        self.base.stack.push_async_callback(charts.close)
        return charts

    def _owner(self) -> OwnerDesk:
        settings = self.base.settings
        return OwnerDesk(
            self.base.database,
            self.provider,
            self.disk,
            OwnerSettings(
                owner_ids=settings.owner_ids,
                owner_guild_id=settings.owner_guild_id,
                has_prices=self.base.has_prices,
                versions=versions(),
            ),
            clock=self.base.clock,
            nudge=self.nudge,
        )

    def _uncertain(self, quotas: QuotaDesk) -> UncertainDesk:
        settings = self.base.settings
        return UncertainDesk(
            self.base.database,
            self.provider,
            quotas,
            owner_ids=settings.owner_ids,
            owner_guild_id=settings.owner_guild_id,
            clock=self.base.clock,
            nudge=self.nudge,
        )
