"""What commands and buttons reach for: built once by the app, found at `interaction.client`."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.desk.administration import AdminDesk
from bot.desk.allowances import AllowanceDesk
from bot.desk.arrivals import ArrivalDesk
from bot.desk.blocks import BlockDesk
from bot.desk.chronicle import HistoryDesk
from bot.desk.complaints import ComplaintDesk
from bot.desk.drafts import DraftDesk
from bot.desk.films import FilmDesk
from bot.desk.finding import FindDesk
from bot.desk.followups import FollowUpDesk
from bot.desk.forms import FormDesk
from bot.desk.models import ModelDesk
from bot.desk.mydata import MyDataDesk
from bot.desk.newcomers import Newcomers
from bot.desk.owner import OwnerDesk
from bot.desk.requests import RequestDesk
from bot.desk.reviews import ReviewDesk
from bot.desk.spending import SpendingDesk
from bot.desk.statistics import StatisticsDesk
from bot.desk.uncertain import UncertainDesk
from bot.desk.words import WordDesk
from bot.media.charts import Charts
from bot.posting.texts import Texts
from bot.rules.catalogue import Catalogue


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
