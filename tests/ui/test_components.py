"""custom_ids: every component and form is rebuilt from its own, and from no other's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ui.components import Component
from bot.ui.custom_ids import FromCustomId
from bot.ui.dispatch import COMPONENTS, FORMS
from bot.ui.owner.uncertain import TaskForm

EVERY_CLASS: tuple[type[FromCustomId], ...] = (*COMPONENTS, *FORMS)
EACH_CLASS = pytest.mark.parametrize("kind", EVERY_CLASS, ids=lambda kind: kind.__name__)

POSTED = {
    "Cancel": ["vb:cancel:abc123"],
    "NextList": ["vb:list:1700000000000"],
    "Confirm": ["vb:confirm:abc123:150000"],
    "UseModel": ["vb:use:abc123"],
    "Change": ["vb:change:abc123"],
    "TurnModels": ["vb:models:0"],
    "ModelMenu": ["vb:models:use"],
    "SeriesForm": ["vb:series:new", "vb:series:abc123"],
    "ChangeSeries": ["vb:series-edit:abc123"],
    "UseModelForSeries": ["vb:series-use:abc123"],
    "RetryShot": ["vb:series-retry:abc123:2"],
    "RetryShotForm": ["vb:shot:abc123:2"],
    "FinishSeries": ["vb:series-finish:abc123"],
    "Again": ["vb:again:abc123"],
    "Edit": ["vb:edit:abc123"],
    "Continue": ["vb:continue:abc123"],
    "More": ["vb:more:abc123"],
    "Info": ["vb:info:abc123"],
    "CopyPrompt": ["vb:prompt:abc123"],
    "JoinFilm": ["vb:join:abc123"],
    "DeleteFilm": ["vb:film-delete:abc123"],
    "ConfirmDeleteFilm": ["vb:film-delete-sure:abc123"],
    "Approve": ["vb:approve:abc123:1"],
    "ApproveAsSpoiler": ["vb:spoiler:abc123:1"],
    "Reject": ["vb:reject:abc123:12"],
    "ReportVideo": ["vb:report:abc123"],
    "DeleteVideo": ["vb:delete:abc123"],
    "ConfirmDelete": ["vb:delete-sure:abc123"],
    "NextQueue": ["vb:queue:10"],
    "NextHistory": ["vb:history:0::77", "vb:history:123:abc123:77"],
    "DeleteServer": ["vb:server-delete:ask", "vb:server-delete:sure"],
    "OpenEverywhere": ["vb:channels-everywhere"],
    "SetupChoice": ["vb:setup:set:review_channel"],
    "SetupStep": ["vb:setup:step:2", "vb:setup:step:3-again"],
    "ExportData": ["vb:mydata:export"],
    "DeleteData": ["vb:mydata:delete", "vb:mydata:sure"],
    "TurnStats": ["vb:stats:mine:30", "vb:stats:server:7"],
    "UncertainTurn": ["vb:uncertain-page:-1:", "vb:uncertain-page:1700000000000:abc123"],
    "UncertainMenu": ["vb:uncertain:1700000000000"],
    "Settle": ["vb:settle:ran:1700000000000:abc123.def456", "vb:settle:sure-not:17:all"],
    "TurnBill": ["vb:bill:2026-11:0", "vb:bill:2026-02:17"],
    "SubmittedRequestForm": [
        *("vb:form:create:new", "vb:form:edit:abc123"),
        *("vb:form:continue:abc123", "vb:form:change:abc123"),
    ],
    "MakeMine": ["vb:make:abc123:1234567890123456789"],
    "MakeTemplate": ["vb:template:abc123"],
    "VoteButton": ["vb:vote:abc123"],
    "TakeOut": ["vb:take-out:abc123"],
    "TemplateForm": ["vb:made:abc123:nothing0", "vb:made:abc123:def456"],
    "NewTemplate": ["vb:template-new:abc123"],
    "CastForm": ["vb:cast-form:abc123"],
    "RejectForm": ["vb:reject-form:abc123:1"],
    "Appeal": ["vb:appeal:abc123"],
    "AppealForm": ["vb:appeal-form:abc123"],
    "NextDecisions": ["vb:log:0:::0:77", "vb:log:123:abc123:appeal-timed-out:456:77"],
    "Undo": ["vb:undo:abc123:1"],
    "QueueApprove": ["vb:queue-approve:abc123:1"],
    "QueueSpoiler": ["vb:queue-spoiler:abc123:1"],
    "QueueReject": ["vb:queue-reject:abc123:1"],
    "QueueNext": ["vb:queue-next:abc123:1"],
    "QueueUndo": ["vb:queue-undo:abc123:1"],
    "QueueRejectForm": ["vb:queue-reject-form:abc123:1"],
    "ReportForm": ["vb:report-form:r:abc123", "vb:report-form:m:1234567890"],
    "TaskForm": ["vb:task-form:1700000000000:abc123.def456"],
}
"""custom_ids as they were released: messages and open forms carry them for years."""


def classes_for(custom_id: str) -> list[type[FromCustomId]]:
    return [each for each in EVERY_CLASS if each.custom_id_template.regex.fullmatch(custom_id)]


def rebuilt(kind: type[FromCustomId], custom_id: str) -> FromCustomId:
    match = kind.custom_id_template.regex.fullmatch(custom_id)
    assert match is not None
    return kind.from_match(match)


@EACH_CLASS
def test_released_custom_ids_are_parsed_and_formatted_byte_for_byte(
    kind: type[FromCustomId],
) -> None:
    for custom_id in POSTED[kind.__name__]:
        component = rebuilt(kind, custom_id)
        assert component.to_custom_id() == custom_id
        if isinstance(component, Component):
            assert component.custom_id == custom_id
            assert component.template.fullmatch(custom_id)
        assert classes_for(custom_id) == [kind]


@EACH_CLASS
@settings(max_examples=20)
@given(data=st.data())
def test_any_matching_custom_id_survives_a_round_trip_and_matches_one_class(
    kind: type[FromCustomId], data: st.DataObject
) -> None:
    template = kind.custom_id_template
    pattern = re.compile(template.regex.pattern, re.ASCII)
    # five at once, as an example costs more than what is drawn for it
    for custom_id in data.draw(
        st.lists(st.from_regex(pattern, fullmatch=True), min_size=5, max_size=5)
    ):
        values = {name: getattr(rebuilt(kind, custom_id), name) for name in template.parts}
        again = rebuilt(kind, rebuilt(kind, custom_id).to_custom_id())
        assert {name: getattr(again, name) for name in template.parts} == values
        assert classes_for(custom_id) == [kind]


@pytest.mark.parametrize("custom_id", ["vb:none", "vb:cancel:ABC", "", "vb:mydata:", "old:thing"])
def test_a_custom_id_of_no_class_matches_none(custom_id: str) -> None:
    assert classes_for(custom_id) == []


def test_the_longest_task_form_fits_into_a_custom_id() -> None:
    # five ids of 10 characters, as long as `Settle`'s custom_id can hold them
    ids = ".".join("abcdefgh12" for _ in range(5))
    assert len(rebuilt(TaskForm, f"vb:task-form:1700000000000:{ids}").to_custom_id()) <= 100
