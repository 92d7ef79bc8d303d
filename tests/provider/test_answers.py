import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.answers import Unreadable, as_amount, read_answer
from bot.provider.errors import FailureKind
from bot.provider.wire import (
    TaskStatus,
    TaskView,
    account_balance,
    key_balance,
    task_view,
    uploaded_url,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["completed", "failed", "20000", "-1", "t1", "https://v/x", "任务不存在"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "code",
                    "msg",
                    "message",
                    "error",
                    "data",
                    "task_id",
                    "status",
                    "progress",
                    "result",
                    "video_url",
                    "error_message",
                    "url",
                    "balance",
                    "available",
                    "total_quota",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


def view(body: object, task_id: str = "t1") -> TaskView | None:
    return task_view(read_answer(json.dumps(body).encode()), task_id)


def envelope(code: object = "20000", **data: object) -> dict[str, object]:
    return {"code": code, "msg": "ok", "data": {"task_id": "t1", **data}}


@given(JSON)
def test_no_json_whatever_is_more_than_can_be_read(body: object) -> None:
    try:
        answer = read_answer(json.dumps(body).encode())
    except Unreadable:
        assert not isinstance(body, dict)
        return
    seen = task_view(answer, "t1")
    if seen and seen.status is TaskStatus.COMPLETED:
        assert seen.video_url
        assert seen.video_url.lower().startswith(("http://", "https://"))
    if seen:
        assert (seen.failure is not None) == (seen.status is TaskStatus.FAILED)
        assert seen.progress is None or 0 <= seen.progress <= 100
    assert account_balance(answer) is not None
    assert key_balance(answer) is not None
    assert isinstance(uploaded_url(answer), str)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_json_object_are_unreadable_and_nothing_worse(body: bytes) -> None:
    try:
        read_answer(body)
    except Unreadable:
        return


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b"NaN"])
def test_oversized_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_answer(body)


GOOD = json.dumps(
    envelope(status="completed", progress=100, result={"video_url": "https://v.example/1.mp4"})
).encode()


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 5))
def test_a_mutated_good_answer_never_becomes_a_failure(at: int, put: bytes, drop: int) -> None:
    mutated = GOOD[:at] + put + GOOD[at + drop :]
    try:
        seen = task_view(read_answer(mutated), "t1")
    except Unreadable:
        return
    assert seen is None or seen.status is not TaskStatus.FAILED


@pytest.mark.parametrize("code", ["20000", 20000, 20000.0, 0, "0", " 20000 ", None])
def test_success_has_many_codes(code: object) -> None:
    seen = view(envelope(code, status="processing", progress=40))
    assert seen == TaskView(TaskStatus.RUNNING, 40)


def test_an_older_answer_without_envelope_is_the_same() -> None:
    body = {"task_id": "t1", "status": "completed", "result": {"video_url": "https://v/1.mp4?a%3d"}}
    assert view(body) == TaskView(TaskStatus.COMPLETED, 100, "https://v/1.mp4?a%3d")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", TaskStatus.WAITING),
        ("pending", TaskStatus.WAITING),
        ("submitted", TaskStatus.WAITING),
        ("processing", TaskStatus.RUNNING),
        ("in_progress", TaskStatus.RUNNING),
        ("IN-PROGRESS", TaskStatus.RUNNING),
        ("running", TaskStatus.RUNNING),
        ("completed", TaskStatus.COMPLETED),
        ("success", TaskStatus.COMPLETED),
        ("Succeeded", TaskStatus.COMPLETED),
        ("failed", TaskStatus.FAILED),
        ("canceled", TaskStatus.FAILED),
        ("cancelled", TaskStatus.FAILED),
        ("error", TaskStatus.UNKNOWN),
        ("dreaming", TaskStatus.UNKNOWN),
        ("", TaskStatus.UNKNOWN),
        (None, TaskStatus.UNKNOWN),
        (7, TaskStatus.UNKNOWN),
    ],
)
def test_every_status_word_is_understood_or_polled_on(word: object, status: TaskStatus) -> None:
    seen = view(envelope(status=word, result={"video_url": "https://v/1.mp4"}))
    assert seen is not None
    assert seen.status is status


@pytest.mark.parametrize(
    "result", [None, {}, {"video_url": ""}, {"video_url": None}, {"video_url": "soon"}, [], "x"]
)
def test_completed_without_a_link_is_still_running(result: object) -> None:
    seen = view(envelope(status="completed", progress=100, result=result))
    assert seen == TaskView(TaskStatus.RUNNING, 100)


@pytest.mark.parametrize(
    ("progress", "read"),
    [
        (45, 45),
        ("45", 45),
        ("45%", 45),
        (45.9, 45),
        (-3, 0),
        (400, 100),
        ("soon", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_progress_is_a_percentage_or_nothing(progress: object, read: int | None) -> None:
    seen = view(envelope(status="processing", progress=progress))
    assert seen is not None
    assert seen.progress == read


def test_a_failed_task_reports_its_reason_without_links() -> None:
    seen = view(
        envelope(
            status="failed", error_message="[SY_ERR:7] invalid image_urls[1] https://s/x?sig=1"
        )
    )
    assert seen is not None
    assert seen.failure is FailureKind.MEDIA
    assert seen.text == "[SY_ERR:7] invalid image_urls[1] <link>"


@pytest.mark.parametrize(
    "body",
    [
        {"code": "20002", "msg": "任务不存在"},
        {"code": "-1", "message": "任务不存在"},
        {"code": "20004", "error": "task not found"},
        {"code": "20004", "error": {"message": "Task 123 does not exist"}},
        {"code": "20000", "msg": "任务不存在", "data": None},
        {"code": "20002", "data": {"error_message": "任务不存在"}},
        {"code": "20002", "error_msg": "任务不存在"},
        {"code": "20002", "reason": "任务不存在"},
    ],
)
def test_no_such_task_is_recognised_in_any_field(body: dict[str, object]) -> None:
    seen = view(body)
    assert seen is not None
    assert seen.status is TaskStatus.MISSING


@pytest.mark.parametrize("code", ["-1", -1, "20001", 500, "20002"])
def test_an_error_envelope_without_the_task_is_ignored(code: object) -> None:
    assert view({"code": code, "msg": "trouble", "data": None}) is None


def test_an_error_envelope_counts_only_if_it_names_the_task() -> None:
    seen = view(envelope("20005", status="failed", error_message="敏感"))
    assert seen is not None
    assert seen.failure is FailureKind.CONTENT
    assert view(envelope("-1", status="failed", error_message="敏感")) is None


def test_a_response_about_another_task_is_ignored() -> None:
    assert view(envelope(status="failed"), "t2") is None


def test_a_signed_link_is_not_in_the_repr() -> None:
    seen = view(envelope(status="completed", result={"video_url": "https://v/1.mp4?sig=abc"}))
    assert "abc" not in repr(seen)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://f/1.png?s=%2f", "https://f/1.png?s=%2f"),
        ("http://f/1", "http://f/1"),
        ("ftp://f/1", ""),
        ("", ""),
        (None, ""),
        (5, ""),
        ("https://", ""),
        ("https:///x", ""),
    ],
)
def test_an_upload_s_link_must_be_one(url: object, read: str) -> None:
    assert (
        uploaded_url(read_answer(json.dumps({"code": 20000, "data": {"url": url}}).encode()))
        == read
    )


def test_balances_are_decimals() -> None:
    answer = read_answer(
        b'{"code":20000,"data":{"balance":10.5,"used_coin":"2","available":"8.5"}}'
    )
    assert account_balance(answer).available == Decimal("8.5")
    answer = read_answer(b'{"code":20000,"data":{"balance":10.5}}')
    assert account_balance(answer).available == Decimal("10.5")
    answer = read_answer(b'{"code":0,"data":{"total_quota":0,"used_quota":3,"available_quota":0}}')
    assert key_balance(answer).unlimited
    assert key_balance(answer).available is None
    assert as_amount("NaN") is None
    assert as_amount("a lot") is None


@pytest.mark.parametrize(
    "told",
    [
        {"error": {"message": "no such luck", "code": "E1"}},
        {"error": {"msg": "no such luck"}},
        {"error": {"error": {"message": "no such luck"}}},
        {"error": [{"message": "no such luck"}]},
        {"error": '{"message": "no such luck"}'},
        {"error_message": {"message": "no such luck"}},
        {"message": {"detail": "no such luck"}},
        {"result": {"error": {"message": "no such luck"}}},
        {"error": {"code": "no such luck", "message": ""}},
    ],
    ids=str,
)
def test_an_error_given_as_an_object_is_parsed(told: dict[str, object]) -> None:
    seen = view(envelope(status="failed", **told))
    assert seen is not None
    assert seen.status is TaskStatus.FAILED
    assert seen.text == "no such luck"


def test_an_endless_response_is_capped() -> None:
    deep: dict[str, object] = {"message": "far down"}
    for _ in range(50):
        deep = {"error": deep}
    assert view(envelope(status="failed", **deep)) is not None
