"""The request form: its fields, their prefill, and how a submission is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import discord
from discord import ui

from bot.rules.catalogue import ModelSpec
from bot.rules.media import MediaRole, MediaSource
from bot.rules.request import MediaRef
from bot.ui.custom_ids import Part
from bot.ui.forms import TITLE_LIMIT, Form, Submitted, first
from bot.ui.markdown import shorten
from bot.ui.requests.model_descriptions import model_label
from bot.ui.texts import Localised

FormKind = Literal["create", "edit", "continue", "change"]

PROMPT_LIMIT: Final = 4000
"""Discord's limit of a text in a form; models take more."""
MOST_OPTIONS: Final = 25
MOST_FILES: Final = 10
NOTE_LIMIT: Final = 100
SECONDS_LIMIT: Final = 6
RATIO_LIMIT: Final = 20

NEW: Final = "new"
"""In place of an id: nothing is kept for the form."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form is prefilled with."""

    prompt: str = ""
    model: str = ""
    duration: int | None = None
    ratio: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A field for files: `note` is the key of the line below its label, with `count` in it."""

    custom_id: str
    note: str = ""
    count: int = 0
    most: int = 1
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class TextField:
    """The field for what a member writes; `note` is the key of the line below its label."""

    custom_id: str = "prompt"
    note: str = ""
    is_required: bool = True


PROMPT: Final = TextField()


@dataclass(frozen=True, slots=True)
class FormValues:
    """What a member sent. None and empty: nothing was chosen there.

    `files` are the fields' uploads in the order in which the member put them.
    """

    prompt: str = ""
    model: str = ""
    duration: str = ""
    ratio: str = ""
    files: dict[str, tuple[MediaRef, ...]] = field(default_factory=dict)


class RequestForm(Form, custom_id="vb:form:{kind}:{form_id}"):
    """The form of a request; `form_id`: of the saved form, of the earlier request, or `NEW`."""

    kind: Annotated[FormKind, Part("create|edit|continue|change")]
    form_id: Annotated[str, Part(r"[a-z0-9]{6,20}|new")]


class FormBuilder:
    """Builds request forms in one language; every text is within Discord's limits."""

    def __init__(self, t: Localised, currency: str) -> None:
        self._t = t
        self._currency = currency

    def build(
        self,
        form: Form,
        filled: Filled,
        models: Sequence[ModelSpec],
        *,
        title: str,
        text: TextField = PROMPT,
        uploads: Iterable[Upload] = (),
        with_ratio: bool = True,
        model_note: str = "",
        duration_note: str = "",
    ) -> ui.Modal:
        """The modal to open; `models` are those to choose from, at most 25."""
        fields = [self.text(filled.prompt, text)]
        fields += [self._upload(upload) for upload in uploads]
        if models:
            fields.append(self._models(models, filled.model, model_note))
        fields.append(self._durations(models, filled.duration, duration_note))
        if with_ratio:
            fields.append(self._ratios(models, filled.ratio))
        return form.modal(title, *fields)

    def _label(self, key: str, component: ui.Item[Any], note: str = "") -> ui.Label[Any]:
        return ui.Label(
            text=shorten(self._t(key), TITLE_LIMIT),
            description=shorten(note, NOTE_LIMIT) or None,
            component=component,
        )

    def text(self, text: str, field: TextField) -> ui.Label[Any]:
        """The field for what a member writes, prefilled with as much as fits."""
        is_cut = len(text) > PROMPT_LIMIT
        note = self._t(field.note) if field.note else ""
        typed: ui.TextInput[Any] = ui.TextInput(
            custom_id=field.custom_id,
            style=discord.TextStyle.paragraph,
            default=text[:PROMPT_LIMIT] or None,
            required=field.is_required,
            min_length=1 if field.is_required else None,
            max_length=PROMPT_LIMIT,
        )
        note = self._t("form-prompt-long", count=len(text)) if is_cut else note
        return self._label(_TEXT_LABELS[field.custom_id], typed, note)

    def _upload(self, upload: Upload) -> ui.Label[Any]:
        files: ui.FileUpload[Any] = ui.FileUpload(
            custom_id=upload.custom_id,
            required=upload.is_required,
            min_values=1 if upload.is_required else 0,
            max_values=upload.most,
        )
        note = self._t(upload.note, count=upload.count) if upload.note else ""
        return self._label(_FILE_LABELS[upload.custom_id], files, note)

    def _models(self, models: Sequence[ModelSpec], chosen: str, note: str) -> ui.Label[Any]:
        options = [
            discord.SelectOption(
                label=model_label(spec, self._currency, self._t),
                value=spec.name,
                default=spec.name == chosen,
            )
            for spec in models[:MOST_OPTIONS]
        ]
        return self._label("form-model", _select("model", options), note)

    def _durations(
        self, models: Sequence[ModelSpec], chosen: int | None, note: str
    ) -> ui.Label[Any]:
        lengths = sorted(
            {
                seconds
                for spec in models
                for seconds in range(spec.duration.min, spec.duration.max + 1)
            }
        )
        if not 1 <= len(lengths) <= MOST_OPTIONS:
            typed: ui.TextInput[Any] = ui.TextInput(
                custom_id="duration",
                default=_fitting(str(chosen or ""), SECONDS_LIMIT),
                required=False,
                max_length=SECONDS_LIMIT,
            )
            return self._label("form-duration", typed, note)
        options = [
            discord.SelectOption(
                label=self._t("length", seconds=seconds),
                value=str(seconds),
                default=seconds == chosen,
            )
            for seconds in lengths
        ]
        return self._label("form-duration", _select("duration", options), note)

    def _ratios(self, models: Sequence[ModelSpec], chosen: str | None) -> ui.Label[Any]:
        ratios = list(dict.fromkeys(ratio for spec in models for ratio in spec.ratios))
        if not ratios:
            typed: ui.TextInput[Any] = ui.TextInput(
                custom_id="ratio",
                default=_fitting(chosen or "", RATIO_LIMIT),
                required=False,
                max_length=RATIO_LIMIT,
            )
            return self._label("form-ratio", typed)
        options = [
            discord.SelectOption(label=ratio, value=ratio, default=ratio == chosen)
            for ratio in ratios[:MOST_OPTIONS]
        ]
        return self._label("form-ratio", _select("ratio", options))


_TEXT_LABELS: Final = {"prompt": "form-prompt", "shots": "form-shots"}
_FILE_LABELS: Final = {"files": "form-files", "first": "form-first", "last": "form-last"}
_ROLES: Final = {"first": MediaRole.FIRST, "last": MediaRole.LAST}


def _fitting(default: str, most: int) -> str | None:
    """A field's default; Discord refuses the form for one that is longer than may be typed."""
    return default if 0 < len(default) <= most else None


def _select(custom_id: str, options: list[discord.SelectOption]) -> ui.Select[Any]:
    return ui.Select(
        custom_id=custom_id, options=options, required=False, min_values=0, max_values=1
    )


def read_form(interaction: discord.Interaction[Any], values: Submitted) -> FormValues:
    """Read a submission; each field's files in the order in which the member put them.

    Discord describes the files in another order, beside the fields.
    """
    data: Any = interaction.data or {}
    known: dict[str, Any] = (data.get("resolved") or {}).get("attachments") or {}
    files = {
        name: tuple(_file(known[each], name) for each in values[name] if each in known)
        for name in _FILE_LABELS
        if name in values
    }
    return FormValues(
        prompt=first(values, "prompt"),
        model=first(values, "model"),
        duration=first(values, "duration").strip(),
        ratio=first(values, "ratio").strip(),
        files=files,
    )


def _file(given: dict[str, Any], name: str) -> MediaRef:
    """An upload as Discord describes it; its bytes are looked at later."""
    return MediaRef(
        source=MediaSource.ATTACHMENT,
        url=str(given["url"]),
        role=_ROLES.get(name, MediaRole.REFERENCE),
        field=name,
        name=str(given.get("filename") or ""),
        content_type=given.get("content_type"),
        size_bytes=given.get("size"),
        width=given.get("width"),
        height=given.get("height"),
        duration_s=given.get("duration_secs"),
    )


def kept_prompt(sent: str, before: str) -> str:
    """The prompt that is meant: what was sent, or the whole one where only a part could be shown.

    A longer prompt than a form takes stays as it was unless what was shown of it was changed.
    """
    if len(before) > PROMPT_LIMIT and _plain(sent) in ("", _plain(before[:PROMPT_LIMIT])):
        return before
    return sent


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
