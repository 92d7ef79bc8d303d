"""What our rules let through, the provider's own checks take: field for field, for every model."""

from hypothesis import HealthCheck, assume, given, settings

from bot.demo.provider.checks import faults_of
from bot.provider.wire import create_body
from bot.rules.catalogue import load_catalogue
from bot.rules.check import settle, violations
from bot.rules.request import VideoRequest
from tests.rules.sample_requests import video_requests

CATALOGUE = load_catalogue()


@settings(
    max_examples=600,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    deadline=None,
)
@given(video_requests())
def test_the_provider_takes_every_request_that_our_rules_take(video_request: VideoRequest) -> None:
    spec = CATALOGUE.require(video_request.model)
    video = settle(spec, video_request)
    assume(not violations(spec, video))
    # what the provider has reviewed is sent by its asset's id
    sent = ["asset://id" if spec.sources.reviewed else media.url for media in video.media]
    body = create_body(spec, video, sent)
    assert faults_of(body) == []
    assert None not in body.values()
    assert [] not in body.values()
