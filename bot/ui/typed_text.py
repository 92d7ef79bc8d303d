"""What members type, as it may go on into JSON and databases."""

from typing import Any


def whole(value: Any) -> Any:
    """The same JSON value with `?` in place of each half of a character (a lone surrogate).

    JSON can carry one, as a name cut in the middle of an emoji; UTF-8, and so every database, the
    provider and Discord itself, cannot.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "replace").decode()
        return value
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value
