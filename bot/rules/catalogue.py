"""Model catalogue: the built-in models with the owner's MODELS_FILE merged over them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.rules.model_spec import ModelSpec
from bot.rules.price_spec import Price

__all__ = [
    "Catalogue",
    "CatalogueError",
    "CatalogueFault",
    "ModelSpec",
    "UnknownModelError",
    "load_catalogue",
]

BUILT_IN: Final = "models.toml"

_OTHER_PATH: Final = re.compile(r"seedance-?2\.5|sd25", re.IGNORECASE)
_OTHER_PATH_REASON: Final = (
    "is Seedance 2.5, which the provider offers by another call; sent by this bot's call it would"
    " run, and be billed, as a Full model. Remove this block"
)
REPLACED_WHOLE: Final = frozenset({"output", "price", "billed_as"})
"""Rules replaced as a whole, as their keys exclude each other or belong together."""

Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One mistake in a catalogue file; `block` and `key` may be empty."""

    file: str
    block: str
    key: str
    reason: str

    def __str__(self) -> str:
        where = f'{self.file}: [models."{self.block}"]' if self.block else self.file
        return f"{where} {self.key}: {self.reason}" if self.key else f"{where}: {self.reason}"


class CatalogueError(ValueError):
    """A catalogue file is invalid. `faults` lists every mistake, `str()` joins them in one line."""

    def __init__(self, faults: tuple[CatalogueFault, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class UnknownModelError(ValueError):
    """No model of this name is in the catalogue."""


class Catalogue:
    """All models by name, in file order.

    A model's price is that of `MODELS_FILE`, else the one that `set_listed_prices` was last given.
    Everything else never changes.
    """

    def __init__(self, specs: Mapping[str, ModelSpec]) -> None:
        self._specs = dict(specs)
        self._own = self._specs

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    @property
    def names(self) -> tuple[str, ...]:
        """All model names, in file order."""
        return tuple(self._specs)

    @property
    def has_prices(self) -> bool:
        """Whether at least one model has a price."""
        return any(spec.price is not None for spec in self)

    def has_own_price(self, name: str) -> bool:
        """Whether `MODELS_FILE` has a price for this model."""
        return self._own[name].price is not None

    def set_listed_prices(self, prices: Mapping[str, Price]) -> None:
        """Let these models cost what the provider lists, where `MODELS_FILE` says nothing."""
        self._specs = {
            name: spec.model_copy(update={"price": prices[name]})
            if spec.price is None and name in prices
            else spec
            for name, spec in self._own.items()
        }

    def get(self, name: str) -> ModelSpec | None:
        """The model with exactly this name, or None."""
        return self._specs.get(name)

    def require(self, name: str) -> ModelSpec:
        """The model with exactly this name. Raises `UnknownModelError`."""
        try:
            return self._specs[name]
        except KeyError:
            raise UnknownModelError(f"no model is called {name}") from None


def load_catalogue(models_file: Path | None = None) -> Catalogue:
    """Load the built-in models and merge `models_file` over them.

    Raises: CatalogueError with every mistake of the first invalid file.
    """
    blocks, specs = _built_in()
    if models_file is None:
        return Catalogue(specs)
    file = str(models_file)
    try:
        text = models_file.read_bytes()
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise _broken(file, "", "", f"cannot be read: {reason}") from exc
    return Catalogue(_validate(_merge(blocks, _read(file, text), file), file))


@cache
def _built_in() -> tuple[Mapping[str, Block], Mapping[str, ModelSpec]]:
    """The file that comes with the bot, as blocks and as models; read once a process."""
    text = resources.files("bot.rules").joinpath(BUILT_IN).read_bytes()
    blocks = _merge({}, _read(BUILT_IN, text), BUILT_IN)
    return blocks, _validate(blocks, BUILT_IN)


def _broken(file: str, block: str, key: str, reason: str) -> CatalogueError:
    return CatalogueError((CatalogueFault(file, block, key, reason),))


def _read(file: str, text: bytes) -> dict[str, Block]:
    """Parse a file into its model blocks, each of them a table."""
    try:
        # some editors write a byte order mark, which TOML forbids
        content = tomllib.loads(text.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as exc:
        raise _broken(file, "", "", "is not UTF-8 text") from exc
    except (ValueError, ArithmeticError, RecursionError) as exc:
        raise _broken(file, "", "", f"is not TOML: {exc}") from exc
    models = content.pop("models", {})
    faults = [
        CatalogueFault(file, "", key, 'unknown; a model is a block [models."its name"]')
        for key in content
    ]
    if not isinstance(models, dict):
        faults.append(CatalogueFault(file, "", "models", "should be tables of models"))
        models = {}
    faults += [
        CatalogueFault(file, name, "", "should be a table")
        for name, block in models.items()
        if not isinstance(block, dict)
    ]
    if faults:
        raise CatalogueError(tuple(faults))
    return models


def _merge(base: Mapping[str, Block], added: Mapping[str, Block], file: str) -> dict[str, Block]:
    """Merge blocks; `like` refers to the other block as it is after the merge."""
    done = {name: block for name, block in base.items() if name not in added}

    def resolve(name: str, under_way: tuple[str, ...]) -> Block:
        if name in done:
            return done[name]
        block = dict(added[name])
        like = block.pop("like", None)
        below: Block = base.get(name, {})
        if like is not None:
            if name in base:
                raise _broken(file, name, "like", "the model is there already; override its keys")
            if not isinstance(like, str) or (like not in added and like not in base):
                raise _broken(file, name, "like", f"no model is called {like}")
            if like in (*under_way, name):
                raise _broken(file, name, "like", "leads back to the model itself")
            below = resolve(like, (*under_way, name))
        done[name] = _overlay(below, block)
        return done[name]

    for name in added:
        resolve(name, ())
    return {name: done[name] for name in (*base, *(name for name in added if name not in base))}


def _overlay(below: Block, above: Block) -> Block:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if key in REPLACED_WHOLE or not isinstance(value, dict) or not isinstance(old, dict):
            result[key] = value
        else:
            # an overridden rule no longer counts as stated by the provider's page
            result[key] = {**old, "origin": "known", **value}
    return result


def _validate(blocks: Mapping[str, Block], file: str) -> dict[str, ModelSpec]:
    specs: dict[str, ModelSpec] = {}
    faults: list[CatalogueFault] = []
    for name, block in blocks.items():
        if "name" in block:
            faults.append(CatalogueFault(file, name, "name", "the block's title is the name"))
            continue
        if _OTHER_PATH.match(name):
            faults.append(CatalogueFault(file, name, "", _OTHER_PATH_REASON))
            continue
        try:
            specs[name] = ModelSpec.model_validate({**_freeze(block), "name": name})
        except ValidationError as exc:
            faults += [_fault(file, name, block, error) for error in exc.errors()]
    if faults:
        raise CatalogueError(tuple(faults))
    return specs


def _freeze(value: Any) -> Any:
    """Convert lists to tuples recursively: strict models accept no list for a tuple."""
    if isinstance(value, Mapping):
        return {key: _freeze(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_freeze(item) for item in value)
    return value


def _fault(file: str, name: str, block: Block, error: Mapping[str, Any]) -> CatalogueFault:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    kind, reason = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        reason = "unknown key"
    elif kind == "missing":
        reason = "is missing" + ("" if "family" in block else ' (a new model may say like = "…")')
    elif kind in {"model_type", "model_attributes_type", "mapping_type", "dict_type"}:
        reason = "should be a table"
    elif kind == "tuple_type":
        reason = "should be a list"
    elif kind == "string_pattern_mismatch":
        reason = f'"{error["input"]}" is malformed'
    if not key and ": " in reason:
        # a message about several rules starts with its key
        key, reason = reason.split(": ", 1)
    return CatalogueFault(file, name, key, reason)
