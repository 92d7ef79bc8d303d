"""Composition root of the services: builds each one from the settings."""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from bot.bootstrap.context import AppContext
from bot.media.charts import Charts
from bot.provider.client import SeedanceClient
from bot.services.cast.service import CastService
from bot.services.media_files.files import MediaFiles
from bot.services.moderation.appeals import AppealService
from bot.services.moderation.audit_log import AuditLogService
from bot.services.moderation.blocks import BlockService
from bot.services.moderation.queue import QueueService
from bot.services.moderation.reports import ReportService
from bot.services.moderation.reviews import ReviewService
from bot.services.moderation.word_list import WordListService
from bot.services.operations.bill import BillService
from bot.services.operations.disk_space import DiskSpace
from bot.services.operations.status import OwnerService, OwnerSettings
from bot.services.operations.uncertain import UncertainService
from bot.services.privacy.first_use_notice import FirstUseNotice
from bot.services.privacy.my_data import MyDataService
from bot.services.quotas.admin import QuotaAdminService
from bot.services.quotas.limits import MICROS
from bot.services.quotas.service import QuotaService
from bot.services.quotas.usage import QuotaSettings
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import DraftService
from bot.services.requests.followups import FollowUpService
from bot.services.requests.joined_films import JoinedFilmService
from bot.services.requests.saved_forms import SavedFormService
from bot.services.requests.search import RequestSearch
from bot.services.requests.service import RequestService
from bot.services.series.service import SeriesService
from bot.services.servers.admin import ServerAdminService
from bot.services.servers.allowed_models import AllowedModelService
from bot.services.servers.onboarding import OnboardingService
from bot.services.showcase.service import ShowcaseService
from bot.services.stats.statistics import StatisticsService
from bot.services.stats.usage_report import UsageReportService
from bot.services.templates.files import TemplateFiles
from bot.services.templates.service import TemplateService
from bot.services.wakeup import Wakeup
from bot.settings import Settings
from bot.ui.services import Services
from bot.ui.texts import Texts
from bot.versions import versions


def quota_settings(settings: Settings) -> QuotaSettings:
    """The owner's limits as the services count them."""

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
    base: AppContext,
    provider: SeedanceClient,
    files: TemplateFiles,
    media_files: MediaFiles,
    disk: DiskSpace,
    wakeup: Wakeup,
    erased: Wakeup,
) -> Services:
    """Every service, with the texts and prices that answers are made of.

    `wakeup` wakes the worker, `erased` its sweep.
    """
    return _ServiceBuilder(base, provider, files, media_files, disk, wakeup, erased).services()


@dataclass(frozen=True, slots=True)
class _ServiceBuilder:
    base: AppContext
    provider: SeedanceClient
    files: TemplateFiles
    media_files: MediaFiles
    disk: DiskSpace
    wakeup: Wakeup
    erased: Wakeup

    def services(self) -> Services:
        base, database, clock = self.base, self.base.database, self.base.clock
        settings, wakeup = base.settings, self.wakeup
        models = self._models()
        quotas = QuotaService(quota_settings(settings))
        limits = self._limits()
        admission = Admission(base.catalogue, models, self.disk, limits)
        followups = FollowUpService(database, base.catalogue, models)
        drafts = self._drafts(quotas, admission)
        texts = Texts()
        return Services(
            requests=RequestService(
                database,
                base.catalogue,
                models,
                quotas,
                admission,
                limits,
                clock=clock,
                draw=secrets.randbelow,
                wakeup=wakeup,
            ),
            admin=self._admin(models, texts),
            onboarding=OnboardingService(
                database, allowed_guilds=settings.allowed_guilds, clock=clock, wakeup=wakeup
            ),
            my_data=MyDataService(database, clock=clock, wakeup=wakeup, erased=self.erased),
            first_use_notice=FirstUseNotice(database),
            request_search=RequestSearch(database),
            models=models,
            owner=self._owner(),
            uncertain=self._uncertain(quotas),
            bill=self._bill(),
            quotas=QuotaAdminService(database, quotas, clock=clock, currency=settings.currency),
            drafts=drafts,
            series=SeriesService(
                database,
                base.catalogue,
                models,
                quotas,
                admission,
                limits,
                clock=clock,
                draw=secrets.randbelow,
                wakeup=wakeup,
            ),
            followups=followups,
            films=JoinedFilmService(
                database, followups, admission, clock=clock, wakeup=wakeup, erased=self.erased
            ),
            forms=self._forms(models, admission),
            templates=self._templates(models, admission),
            template_files=self.files,
            spending=self._spending(),
            statistics=StatisticsService(self.base.database, clock=self.base.clock),
            charts=self._charts(),
            reviews=ReviewService(database, quotas, clock=clock, wakeup=wakeup),
            queue=QueueService(database, clock=clock, wakeup=wakeup),
            appeals=AppealService(database, clock=clock, wakeup=wakeup),
            reports=ReportService(database, clock=clock, wakeup=wakeup),
            history=AuditLogService(database),
            blocks=BlockService(database, clock=clock),
            words=WordListService(database, clock=clock),
            cast=CastService(
                database,
                admission,
                clock=clock,
                draw=secrets.randbelow,
                wakeup=wakeup,
                erased=self.erased,
            ),
            showcase=ShowcaseService(database, clock=clock, wakeup=wakeup),
            files=self.media_files,
            crowd=base.crowd,
            texts=texts,
            catalogue=base.catalogue,
            clock=clock,
            currency=settings.currency,
            privacy_url=settings.privacy_url,
            terms_url=settings.terms_url,
        )

    def _drafts(self, quotas: QuotaService, admission: Admission) -> DraftService:
        return DraftService(
            self.base.database,
            admission,
            quotas,
            clock=self.base.clock,
            wakeup=self.wakeup,
            has_safety_check=bool(self.base.settings.safety_check),
        )

    def _templates(self, models: AllowedModelService, admission: Admission) -> TemplateService:
        base = self.base
        return TemplateService(
            base.database,
            base.catalogue,
            models,
            admission,
            clock=base.clock,
            draw=secrets.randbelow,
            wakeup=self.wakeup,
        )

    def _models(self) -> AllowedModelService:
        settings = self.base.settings
        return AllowedModelService(
            self.base.database,
            self.base.catalogue,
            default=settings.default_model,
            for_new=settings.new_server_models,
        )

    def _limits(self) -> AdmissionSettings:
        settings = self.base.settings
        return AdmissionSettings(
            allowed_guilds=frozenset(settings.allowed_guilds),
            max_active=settings.seedance_max_active,
            upload_limit_bytes=settings.upload_limit_bytes,
        )

    def _admin(self, models: AllowedModelService, texts: Texts) -> ServerAdminService:
        return ServerAdminService(
            self.base.database,
            self.base.catalogue,
            models,
            languages=texts.languages,
            clock=self.base.clock,
            erased=self.erased,
        )

    def _forms(self, models: AllowedModelService, admission: Admission) -> SavedFormService:
        service = SavedFormService(
            self.base.database,
            self.base.catalogue,
            models,
            admission,
            clock=self.base.clock,
            draw=secrets.randbelow,
            wait_s=self.base.form_wait_s,
        )
        self.base.stack.push_async_callback(service.close)
        return service

    def _spending(self) -> UsageReportService:
        return UsageReportService(
            self.base.database,
            clock=self.base.clock,
            currency=self.base.settings.currency,
            has_prices=lambda: self.base.catalogue.has_prices,
        )

    def _charts(self) -> Charts:
        charts = Charts()
        self.base.stack.push_async_callback(charts.close)
        return charts

    def _owner(self) -> OwnerService:
        settings = self.base.settings
        return OwnerService(
            self.base.database,
            self.provider,
            self.disk,
            OwnerSettings(
                owner_ids=settings.owner_ids,
                owner_guild_id=settings.owner_guild_id,
                has_prices=lambda: self.base.catalogue.has_prices,
                versions=versions(),
            ),
            clock=self.base.clock,
            wakeup=self.wakeup,
        )

    def _bill(self) -> BillService:
        settings = self.base.settings
        return BillService(
            self.base.database,
            self.provider,
            owner_ids=settings.owner_ids,
            owner_guild_id=settings.owner_guild_id,
            key_id=self.base.key_id,
            currency=settings.currency,
            clock=self.base.clock,
        )

    def _uncertain(self, quotas: QuotaService) -> UncertainService:
        settings = self.base.settings
        return UncertainService(
            self.base.database,
            self.provider,
            quotas,
            owner_ids=settings.owner_ids,
            owner_guild_id=settings.owner_guild_id,
            key_id=self.base.key_id,
            is_key_exclusive=settings.seedance_key_exclusive == "yes",
            clock=self.base.clock,
            wakeup=self.wakeup,
        )
