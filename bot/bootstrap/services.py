"""Builds the desks and what answers members with them."""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from bot.bootstrap.context import Foundation
from bot.media.charts import Charts
from bot.provider.client import SeedanceClient
from bot.services.moderation.audit_log import HistoryDesk
from bot.services.moderation.blocks import BlockDesk
from bot.services.moderation.reports import ComplaintDesk
from bot.services.moderation.reviews import ReviewDesk
from bot.services.moderation.word_list import WordDesk
from bot.services.operations.disk_space import DiskGauge
from bot.services.operations.status import OwnerDesk, OwnerSettings
from bot.services.operations.uncertain import UncertainDesk
from bot.services.privacy.first_use_notice import Newcomers
from bot.services.privacy.my_data import MyDataDesk
from bot.services.quotas.admin import AllowanceDesk
from bot.services.quotas.limits import MICROS
from bot.services.quotas.service import QuotaDesk
from bot.services.quotas.usage import QuotaSettings
from bot.services.requests.admission import Admission, DeskSettings
from bot.services.requests.drafts import DraftDesk
from bot.services.requests.followups import FollowUpDesk
from bot.services.requests.joined_films import FilmDesk
from bot.services.requests.saved_forms import FormDesk
from bot.services.requests.search import FindDesk
from bot.services.requests.service import RequestDesk
from bot.services.servers.admin import AdminDesk
from bot.services.servers.allowed_models import ModelDesk
from bot.services.servers.onboarding import ArrivalDesk
from bot.services.stats.statistics import StatisticsDesk
from bot.services.stats.usage_report import SpendingDesk
from bot.settings import Settings
from bot.ui.services import Services
from bot.ui.texts import Texts
from bot.versions import versions
from bot.worker.wakeup import Nudge


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
            finding=FindDesk(database),
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
