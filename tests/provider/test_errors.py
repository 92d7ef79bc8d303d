import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.errors import (
    MAX_TEXT,
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
    UploadPathMissing,
    UploadUnavailable,
    classify,
    scrub,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PROVIDER_MODERATION_ERROR", FailureKind.CONTENT),
        ("PROVIDER_MODERATION_ERROR: TRADEMARK", FailureKind.CONTENT_TRADEMARK),
        ("[SY_ERR:1002] InputImageSensitiveContentDetected", FailureKind.CONTENT_INPUT),
        ("InputTextSensitiveContentDetected", FailureKind.CONTENT_INPUT),
        (
            "InputImageSensitiveContentDetected.PrivacyInformation",
            FailureKind.CONTENT_PERSON,
        ),
        ("OutputVideoSensitiveContentDetected", FailureKind.CONTENT_RESULT),
        ("InputTextPolicyViolation", FailureKind.CONTENT_INPUT),
        ("SensitiveContentDetected", FailureKind.CONTENT),
        ("may infringe copyright", FailureKind.CONTENT_TRADEMARK),
        ("素材包含真人人脸,审核不通过", FailureKind.CONTENT_PERSON),
        ("提示词违规", FailureKind.CONTENT_INPUT),
        ("内容敏感", FailureKind.CONTENT),
        ("Read timed out", FailureKind.MEDIA),
        ("s3 upload failed", FailureKind.MEDIA),
        ("invalid image_urls[1]", FailureKind.MEDIA),
        ("failed to download the image", FailureKind.MEDIA),
        ("图片下载失败", FailureKind.MEDIA),
        ("账户余额不足", FailureKind.MONEY),
        ("额度已用完", FailureKind.MONEY),
        ("Insufficient balance", FailureKind.MONEY),
        ("不支持的模型参数", FailureKind.PARAMETERS),
        ("系统繁忙,请稍后再试", FailureKind.BUSY),
        ("server overloaded", FailureKind.BUSY),
        ("generation timed out", FailureKind.UNKNOWN),
        ("", FailureKind.UNKNOWN),
        ("?", FailureKind.UNKNOWN),
    ],
)
def test_the_providers_messages_are_classified(text: str, kind: FailureKind) -> None:
    assert classify(text) is kind


def test_every_content_kind_counts_as_content_and_no_other_does() -> None:
    content = {kind for kind in FailureKind if kind.is_content}
    assert content == {
        FailureKind.CONTENT,
        FailureKind.CONTENT_INPUT,
        FailureKind.CONTENT_PERSON,
        FailureKind.CONTENT_RESULT,
        FailureKind.CONTENT_TRADEMARK,
    }


@given(st.text(), st.text(min_size=1))
def test_scrubbed_words_hold_no_link_no_secret_and_stay_short(text: str, secret: str) -> None:
    scrubbed = scrub(f"{text} https://host/a?sig=1 {secret}", ("sk-1",))
    assert "https://" not in scrubbed
    assert "sk-1" not in scrubbed
    assert len(scrubbed) <= MAX_TEXT


def test_only_repeatable_errors_are_retryable() -> None:
    retryable: set[type[ProviderError]] = {
        ProviderUnavailable,
        ProviderThrottled,
        ProviderContract,
        UploadUnavailable,
    }
    permanent: set[type[ProviderError]] = {
        ProviderRejected,
        ProviderKeyRefused,
        ProviderOutOfMoney,
        SubmissionUncertain,
        UploadPathMissing,
    }
    assert all(kind.retryable for kind in retryable)
    assert not any(kind.retryable for kind in permanent)
    assert not any(issubclass(kind, tuple(retryable)) for kind in permanent)
    assert all(issubclass(kind, ProviderError) for kind in retryable | permanent)


def test_error_texts_do_not_contain_the_providers_message() -> None:
    error = ProviderRejected("20002", "prompt 'a secret wish' refused", FailureKind.CONTENT)
    assert "wish" not in str(error)
    assert "wish" in error.text
