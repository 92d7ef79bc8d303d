"""Root of the error tree, and the errors that storage raises."""

from typing import ClassVar


class BotError(Exception):
    """Anything that goes wrong in a way somebody foresaw.

    Behaviour is chosen by class, never by message; `str(error)` holds no secret and no signed URL.
    """

    retryable: ClassVar[bool] = False


class StorageError(BotError):
    """The database said no, or could not be asked."""


class Conflict(StorageError):
    """The row is no longer what the caller believed: somebody else was first."""


class LeaseLost(Conflict):
    """The row belongs to another worker now; whatever this one did is not recorded."""


class StorageUnavailable(StorageError):
    """The database is locked, gone or full: nothing was written, try again later."""

    retryable = True


class CommitUncertain(StorageUnavailable):
    """The connection broke during a commit: read before trying again, it may have been written."""


class TransactionLost(StorageUnavailable):
    """Given up for another's sake, as in a deadlock: nothing was written, run it again at once."""


class UnknownRequest(StorageError):
    """There is no request of this id."""


class IllegalMove(StorageError):
    """A move that no request may make; a mistake in the code, never in what a member did."""


class DatabaseUnusable(StorageError):
    """The SQLite file cannot be opened; `str()` has its path, the reason and what to do."""


class DatabaseNewer(StorageError):
    """The database was brought up to date by a newer version of the code; run that version."""


class MigrationNeeded(StorageError):
    """The database is older than the code; `video-bot migrate` brings it up to date."""


class RestoreRefused(StorageError):
    """A restore that was not begun: no copy of this bot's database, or the database is in use."""
