"""A member's words in a template that mention names: they stay words, whatever reads them later."""

from bot.rules.cast import worded
from bot.ui.messages import video_of
from storage.records import Request
from tests.services.cast.test_service import added as add_to_cast
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter, moderator
from tests.services.templates.test_service import added, make, service


async def asked(counter: Counter, prompt: str, text: str) -> Request:
    offer = await added(service(counter), prompt=prompt)
    (request,) = await make(counter, offer, text)
    return request


async def test_a_members_own_name_in_the_words_adds_no_picture(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await add_to_cast(counter, "mia")
    video = video_of(await asked(counter, "a globe with {text}", "@mia and ＠MIA"))
    assert video.prompt == "a globe with @mia and ＠MIA"
    assert not video.media


async def test_a_name_of_the_template_is_not_read_in_the_words(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await add_to_cast(counter, "mia", moderator(), owner="server")
    video = video_of(await asked(counter, "@mia in {text}", "the house of @Mia and @nobody"))
    sent = "image 1 in the house of Mia and @nobody"
    assert video.prompt == sent
    assert [media.cast for media in video.media] == ["mia"]
    # its first step counts the pictures anew, from what was typed
    assert worded(counter.models.require(video.model), video).prompt == sent
