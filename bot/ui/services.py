"""What commands and buttons reach for: built once by the app, found at `interaction.client`."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.media.charts import Charts
from bot.rules.catalogue import Catalogue
from bot.services.moderation.audit_log import HistoryDesk
from bot.services.moderation.blocks import BlockDesk
from bot.services.moderation.reports import ComplaintDesk
from bot.services.moderation.reviews import ReviewDesk
from bot.services.moderation.word_list import WordDesk
from bot.services.operations.status import OwnerDesk
from bot.services.operations.uncertain import UncertainDesk
from bot.services.privacy.first_use_notice import Newcomers
from bot.services.privacy.my_data import MyDataDesk
from bot.services.quotas.admin import AllowanceDesk
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
from bot.ui.texts import Texts


@dataclass(frozen=True, slots=True)
class Services:
    """The desks and the few settings that answers show. `clock` answers UTC milliseconds."""

    requests: RequestDesk
    models: ModelDesk
    owner: OwnerDesk
    uncertain: UncertainDesk
    quotas: AllowanceDesk
    admin: AdminDesk
    arrivals: ArrivalDesk
    my_data: MyDataDesk
    newcomers: Newcomers
    finding: FindDesk
    drafts: DraftDesk
    followups: FollowUpDesk
    films: FilmDesk
    forms: FormDesk
    spending: SpendingDesk
    statistics: StatisticsDesk
    charts: Charts
    reviews: ReviewDesk
    complaints: ComplaintDesk
    history: HistoryDesk
    blocks: BlockDesk
    words: WordDesk
    catalogue: Catalogue
    texts: Texts
    clock: Callable[[], int]
    currency: str = ""
    privacy_url: str = ""
    terms_url: str = ""


def services_of(interaction: discord.Interaction[discord.Client]) -> Services:
    """The services of the client that an interaction came in by."""
    client = interaction.client
    services = getattr(client, "services", None)
    if not isinstance(services, Services):
        raise TypeError(f"{type(client).__name__} carries no services")
    return services
