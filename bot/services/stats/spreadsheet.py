"""Cells of CSV files that spreadsheets open. Pure."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows as it is and never works out."""
    text = "".join(sign for sign in cell if sign.isprintable())
    is_formula = cell.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text
