"""The services that commands and components use; built once, found at `interaction.client`."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.media.charts import Charts
from bot.rules.catalogue import Catalogue
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
from bot.services.operations.status import OwnerService
from bot.services.operations.uncertain import UncertainService
from bot.services.privacy.first_use_notice import FirstUseNotice
from bot.services.privacy.my_data import MyDataService
from bot.services.quotas.admin import QuotaAdminService
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
from bot.ui.texts import Texts


@dataclass(frozen=True, slots=True)
class Services:
    """The services and the few settings that answers show. `clock` returns UTC milliseconds."""

    requests: RequestService
    models: AllowedModelService
    owner: OwnerService
    uncertain: UncertainService
    bill: BillService
    quotas: QuotaAdminService
    admin: ServerAdminService
    onboarding: OnboardingService
    my_data: MyDataService
    first_use_notice: FirstUseNotice
    request_search: RequestSearch
    drafts: DraftService
    series: SeriesService
    followups: FollowUpService
    films: JoinedFilmService
    forms: SavedFormService
    templates: TemplateService
    template_files: TemplateFiles
    spending: UsageReportService
    statistics: StatisticsService
    charts: Charts
    reviews: ReviewService
    appeals: AppealService
    queue: QueueService
    reports: ReportService
    history: AuditLogService
    blocks: BlockService
    words: WordListService
    cast: CastService
    showcase: ShowcaseService
    catalogue: Catalogue
    texts: Texts
    clock: Callable[[], int]
    files: MediaFiles
    currency: str = ""
    privacy_url: str = ""
    terms_url: str = ""


def services_of(interaction: discord.Interaction[discord.Client]) -> Services:
    """The services of the client that received an interaction."""
    client = interaction.client
    services = getattr(client, "services", None)
    if not isinstance(services, Services):
        raise TypeError(f"{type(client).__name__} carries no services")
    return services
