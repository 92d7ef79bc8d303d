"""Code and table were written apart: they must agree on what is taken and on what is refused."""

from hypothesis import HealthCheck, given, settings

from bot.rules.check import settle, violations
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest
from bot.rules.suggest import suggest
from bot.rules.violation import PARAMS
from tests.rules.making import CATALOGUE, faults_of
from tests.rules.oracle import TABLE, takes
from tests.rules.sample_requests import video_requests


def test_code_and_oracle_agree_on_random_requests_both_ways() -> None:
    seen = {True: 0, False: 0}

    @settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(video_requests())
    def agree(video_request: VideoRequest) -> None:
        faults = faults_of(video_request)
        seen[not faults] += 1
        assert (not faults) is takes(video_request), faults

    agree()
    # neither sort may be so rare that agreeing on it means nothing
    assert min(seen.values()) >= 50, seen


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(video_requests())
def test_whatever_is_suggested_takes_the_request_as_it_was_written(
    video_request: VideoRequest,
) -> None:
    spec = suggest(CATALOGUE, video_request, CATALOGUE.names)
    others = [name for name in TABLE if name != video_request.model]
    taking = [name for name in others if takes(video_request.model_copy(update={"model": name}))]
    assert spec.name in taking if spec else not taking
    if spec is not None:
        settled = settle(spec, video_request)
        assert (settled.media, settled.prompt) == (
            video_request.media,
            video_request.prompt.strip(),
        )
        for chosen in ("duration", "ratio", "resolution"):
            assert getattr(video_request, chosen) in (None, getattr(settled, chosen))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(video_requests())
def test_settling_is_idempotent_and_hides_no_violation(video_request: VideoRequest) -> None:
    spec = CATALOGUE.require(video_request.model)
    settled = settle(spec, video_request)
    assert settle(spec, settled) == settled
    assert None not in (settled.duration, settled.ratio, settled.resolution)
    assert violations(spec, settled) == violations(spec, video_request)
    assert price_micros(spec, video_request) is None


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(video_requests())
def test_every_fault_is_in_the_table_of_rules_with_just_its_params(
    video_request: VideoRequest,
) -> None:
    for fault in faults_of(video_request):
        assert set(fault.params) == set(PARAMS[fault.rule])
        assert fault.field
        assert fault.model_validate_json(fault.model_dump_json()) == fault


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(video_requests())
def test_unknown_facts_never_add_a_violation(video_request: VideoRequest) -> None:
    unknown = dict.fromkeys(
        ("kind", "format", "width", "height", "duration_s", "size_bytes", "content_type")
    )
    blind = tuple(
        media if media.source == "asset" else media.model_copy(update=unknown)
        for media in video_request.media
    )
    if not faults_of(video_request):
        assert not faults_of(video_request.model_copy(update={"media": blind}))
