"""Forgetting files that were taken from the disk while their request stays."""

from typing import Final

from storage import reviews
from storage.transaction import Transaction

_FORGET_RESULT: Final = "UPDATE requests SET result_path = '' WHERE id = :id"
_FORGET_INPUTS: Final = "UPDATE inputs SET path = '' WHERE request_id = :id"


async def forget_files(tx: Transaction, request_id: str) -> None:
    """Note that a request's files are gone, from its review cards as well; what it was stays."""
    await tx.execute(_FORGET_RESULT, {"id": request_id})
    await tx.execute(_FORGET_INPUTS, {"id": request_id})
    await reviews.purge(tx, request_id)
