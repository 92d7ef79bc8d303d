"""Private answers about quotas: usage, limits, grants, resets. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import discord

from bot.services.quotas.admin import DEFAULT, Granted, LimitChange, Member, Subject
from bot.services.quotas.limits import CEILINGS, MICROS, Meter, Period, Scope, Unit
from bot.services.quotas.service import Allowance, Remaining
from bot.ui.formatting import dotted, mention, price, within
from bot.ui.texts import Localised


def member_of(user: discord.Member | discord.User) -> Member:
    """A member from a command's option; one who has left the server has no roles."""
    roles = user.roles if isinstance(user, discord.Member) else []
    return Member(user.id, tuple(role.id for role in roles))


def subject_of(who: discord.Member | discord.User | discord.Role) -> Subject:
    """The subject of a limit from a mention option; Discord's @everyone is a role."""
    if isinstance(who, discord.Role):
        return Subject(Scope.EVERYONE) if who.is_default() else Subject(Scope.ROLE, who.id)
    return Subject(Scope.MEMBER, who.id)


def amount(number: int, unit: Unit, currency: str, t: Localised) -> str:
    """An amount of videos, seconds or money, in the reader's language."""
    if unit is Unit.COST:
        return t.money(Decimal(number) / MICROS, currency)
    return t("amount-seconds" if unit is Unit.SECONDS else "amount-videos", count=number)


def allowance_page(
    allowance: Allowance, viewer_id: int, currency: str, t: Localised, *, sees_all: bool = False
) -> str:
    """All limits of a member; ceilings where less is left of them than of the member's own.

    `sees_all` is for moderators, who look after their server's ceilings as well.
    """
    whose = "self" if viewer_id == allowance.user_id else "other"
    left, user = allowance.left.videos, mention(allowance.user_id)
    if left is None:
        head = t("quota-unlimited", whose=whose, user=user)
    else:
        head = t("quota-now", whose=whose, user=user, left=left)
    own = [meter for meter in allowance.meters if meter.limit.scope not in CEILINGS]
    near = [
        meter
        for meter in allowance.meters
        if (sees_all and meter.limit.scope is Scope.SERVER)
        or (meter.limit.scope in CEILINGS and _is_near(meter, own))
    ]
    lines = [f"- {_meter_line(meter, currency, t)}" for meter in (*own, *near)]
    return within((head, *lines, *(f"- {line}" for line in _rest(allowance, t))))


def _is_near(ceiling: Meter, own: Sequence[Meter]) -> bool:
    if ceiling.limit.unit is not Unit.VIDEOS:
        return not ceiling.left
    lefts = [meter.left for meter in own if meter.limit.unit is Unit.VIDEOS]
    return not lefts or ceiling.left <= min(lefts)


def _meter_line(meter: Meter, currency: str, t: Localised) -> str:
    limit = meter.limit
    used = t(
        "quota-used",
        scope=limit.scope,
        period=limit.period,
        used=_bare(meter.used, limit.unit, currency, t),
        limit=amount(limit.total, limit.unit, currency, t),
    )
    source = ""
    if limit.scope not in CEILINGS:
        source = t("quota-source", scope=limit.scope, role=f"<@&{limit.subject_id}>")
    frees = ""
    if meter.frees_at_ms:
        key = "quota-month" if limit.period is Period.MONTH else "quota-next"
        frees = t(key, unit=limit.unit, ms=meter.frees_at_ms)
    return dotted((used, source, frees))


def _bare(number: int, unit: Unit, currency: str, t: Localised) -> str:
    return amount(number, unit, currency, t) if unit is Unit.COST else t.number(number)


def _rest(allowance: Allowance, t: Localised) -> Iterator[str]:
    for grant in allowance.grants:
        yield t("quota-extra", videos=grant.videos, ms=grant.until_ms)
    if allowance.at_once is not None:
        yield t("quota-under-way-of", active=allowance.under_way, limit=allowance.at_once)
    elif allowance.under_way:
        yield t("quota-under-way", active=allowance.under_way)
    if allowance.ready_ms:
        yield t("quota-cooldown-until", seconds=allowance.cooldown_s, ms=allowance.ready_ms)
    elif allowance.cooldown_s:
        yield t("quota-cooldown", seconds=allowance.cooldown_s)


def left_lines(left: Remaining, currency: str, t: Localised) -> tuple[str, ...]:
    """The quota left, one line for each unit that is limited."""
    return (
        t("taken-left", left=left.videos) if left.videos is not None else "",
        t("taken-left-seconds", left=left.seconds) if left.seconds is not None else "",
        t("taken-left-cost", left=price(left.cost_micros, currency, t))
        if left.cost_micros is not None
        else "",
    )


def limit_page(change: LimitChange, currency: str, t: Localised) -> str:
    """The limit that was set, and every limit its subject has now."""
    subject, unit, period = change.subject.mention, change.unit, change.period
    if change.amount == DEFAULT:
        head = t("limit-removed", subject=subject, unit=unit, period=period)
    else:
        number = change.amount if isinstance(change.amount, int) else None
        shown, counted = _limited(number, unit, currency, t)
        head = t("limit-set", subject=subject, amount=shown, unit=counted, period=period)
    rows = []
    for row in change.now:
        shown, counted = _limited(row.amount, Unit(row.unit), currency, t)
        rows.append(f"- {t('limit-line', amount=shown, unit=counted, period=row.period)}")
    listed = (t("limit-all", subject=subject), *rows) if rows else ()
    return within((head, *listed, t("limit-ceilings")))


def _limited(number: int | None, unit: Unit, currency: str, t: Localised) -> tuple[str, str]:
    """A limit's amount, and the unit where the amount alone does not name it."""
    if number is None:
        return t("limit-unlimited", unit=unit), "named"
    return amount(number, unit, currency, t), unit


def granted(given: Granted, t: Localised) -> str:
    """How many extra videos a member has, and until when."""
    grant = given.grant
    cut = ""
    if given.ceiling is not None and grant.videos < given.asked:
        cut = t("grant-cut", asked=given.asked, ceiling=given.ceiling)
    user = mention(grant.user_id)
    return within((t("grant-done", user=user, videos=grant.videos, ms=grant.until_ms), cut))


def started_anew(user_id: int, t: Localised) -> str:
    """That a member's count was reset."""
    return t("reset-done", user=mention(user_id))
