"""Code and table were written apart: they must agree on what is taken and on what is refused."""

from hypothesis import HealthCheck, given, settings

from bot.rules.check import settle, violations
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest
from bot.rules.suggest import suggest
from bot.rules.violation import PARAMS
from tests.rules.making import CATALOGUE, faults_of
from tests.rules.oracle import TABLE, takes
from tests.rules.sample_requests import wishes


def test_code_and_oracle_agree_on_random_requests_both_ways() -> None:
    seen = {True: 0, False: 0}

    @settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(wishes())
    def agree(wish: VideoRequest) -> None:
        faults = faults_of(wish)
        seen[not faults] += 1
        assert (not faults) is takes(wish), faults

    agree()
    # neither sort may be so rare that agreeing on it means nothing
    assert min(seen.values()) >= 50, seen


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes())
def test_whatever_is_suggested_takes_the_request_as_it_was_written(wish: VideoRequest) -> None:
    spec = suggest(CATALOGUE, wish, CATALOGUE.names)
    others = [name for name in TABLE if name != wish.model]
    taking = [name for name in others if takes(wish.model_copy(update={"model": name}))]
    assert spec.name in taking if spec else not taking
    if spec is not None:
        settled = settle(spec, wish)
        assert (settled.media, settled.prompt) == (wish.media, wish.prompt.strip())
        for chosen in ("duration", "ratio", "resolution"):
            assert getattr(wish, chosen) in (None, getattr(settled, chosen))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes())
def test_settling_twice_changes_nothing_and_hides_no_fault(wish: VideoRequest) -> None:
    spec = CATALOGUE.require(wish.model)
    settled = settle(spec, wish)
    assert settle(spec, settled) == settled
    assert None not in (settled.duration, settled.ratio, settled.resolution)
    assert violations(spec, settled) == violations(spec, wish)
    assert price_micros(spec, wish) is None


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes())
def test_every_fault_is_in_the_table_of_rules_with_just_its_params(wish: VideoRequest) -> None:
    for fault in faults_of(wish):
        assert set(fault.params) == set(PARAMS[fault.rule])
        assert fault.field
        assert fault.model_validate_json(fault.model_dump_json()) == fault


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes())
def test_knowing_less_never_adds_a_fault(wish: VideoRequest) -> None:
    unknown = dict.fromkeys(
        ("kind", "format", "width", "height", "duration_s", "size_bytes", "content_type")
    )
    blind = tuple(
        media if media.source == "asset" else media.model_copy(update=unknown)
        for media in wish.media
    )
    if not faults_of(wish):
        assert not faults_of(wish.model_copy(update={"media": blind}))
