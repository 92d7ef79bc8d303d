"""A safety check on this machine: the classifier runs in a media process of its own."""

from bot.media.errors import MediaError
from bot.media.process import MediaProcess
from bot.media.safety.checker import CheckAnswer, CheckCall, Label, NoAnswer


class LocalChecker:
    """Asks one of the classifiers that `bot.media.child.classify` knows."""

    def __init__(self, media: MediaProcess, classifier: str) -> None:
        self._media = media
        self._classifier = classifier

    @property
    def name(self) -> str:
        """The classifier's."""
        return self._classifier

    async def check(self, call: CheckCall) -> CheckAnswer:
        """Look at pictures; neither request nor prompt matters. Raises: NoAnswer."""
        try:
            found = await self._media.classify(self._classifier, [item.path for item in call.items])
        except MediaError as error:
            raise NoAnswer(str(error)) from error
        labels = [[Label(name, score) for name, score in each] for each in found]
        return CheckAnswer({item.id: each for item, each in zip(call.items, labels, strict=True)})
