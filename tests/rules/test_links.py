import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.links import SEPARATORS, read_links
from bot.rules.media import MediaKind, MediaRole, MediaSource


def test_links_are_read_in_their_order_with_what_is_known_of_them() -> None:
    found, faults = read_links(
        "  https://a.example/x.png?sig=1\nasset://a-1 video:asset://b_2 audio:asset://c.3 "
    )
    assert not faults
    assert [(ref.source, ref.url, ref.kind) for ref in found] == [
        (MediaSource.LINK, "https://a.example/x.png?sig=1", None),
        (MediaSource.ASSET, "asset://a-1", MediaKind.IMAGE),
        (MediaSource.ASSET, "asset://b_2", MediaKind.VIDEO),
        (MediaSource.ASSET, "asset://c.3", MediaKind.AUDIO),
    ]
    assert {ref.field for ref in found} == {"links"}


def test_a_frames_link_carries_its_role_and_option() -> None:
    (ref,), _ = read_links("https://a.example/", field="first_link", role=MediaRole.FIRST)
    assert (ref.field, ref.role) == ("first_link", MediaRole.FIRST)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("<https://a.example/x>", "https://a.example/x"),
        ("HTTPS://A.example/X", "https://A.example/X"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example", "https://a.example"),
        ("https://a.example./x", "https://a.example./x"),
        ("https://192.0.2.7/x", "https://192.0.2.7/x"),
        ("https://[2001:db8::1]:444/x", "https://[2001:db8::1]:444/x"),
        ("https://bücher.example/ä?q=%C3#f", "https://bücher.example/ä?q=%C3#f"),
        ("https://a_b.example/@me", "https://a_b.example/@me"),
        ("Video:Asset://x/1", "asset://x/1"),
    ],
)
def test_a_url_is_kept_verbatim(text: str, url: str) -> None:
    (ref,), faults = read_links(text)
    assert (ref.url, faults) == (url, ())


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example/x",
        "ftp://a.example/x",
        "a.example/x",
        "file:///etc/passwd",
        "https:",
        "https:/a.example",
        "https://",
        "https:///x",
        "https://:443/x",
        "https://?x",
        "https://.",
        "https://..",
        "https://user@a.example/",
        "https://user:word@a.example/",
        "https://@a.example/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example\\@b.example/",
        "https://a%2eexample/",
        "https://a..example/",
        "https://[::1",
        "https://[::1%25eth0]/",
        "https://a.example/\u200b",
        "https://" + "ä" * 100 + ".example/",
        "video:https://a.example/",
        "javascript:alert(1)",
        "<>",
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    found, (fault,) = read_links(text)
    assert found == ()
    assert (fault.rule, fault.field, fault.allowed) == (
        "link-malformed",
        "links",
        "https:// asset://",
    )
    assert fault.value.removesuffix("…") in text


@pytest.mark.parametrize("text", ["asset://", "asset://a?b", "video:asset://../x", "asset://ä"])
def test_an_asset_without_a_proper_id_is_malformed(text: str) -> None:
    found, (fault,) = read_links(text)
    assert (found, fault.rule, fault.value) == ((), "asset-malformed", text)


def test_good_and_bad_ones_are_told_apart_and_long_ones_shortened() -> None:
    found, faults = read_links("asset://a x" + "y" * 500 + " https://a.example")
    assert len(found) == 2
    assert len(faults[0].value) == 100
    assert faults[0].value.endswith("…")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_and_nothing_is_lost(text: str) -> None:
    for start in ("", "https://", "https://a.example:", "asset://", "https://["):
        found, faults = read_links(start + text)
        pieces = [piece for piece in (start + text).split() if piece.strip(SEPARATORS)]
        assert len(found) + len(faults) >= len(pieces)
        assert bool(found or faults) == bool(pieces)
        assert all(ref.url.startswith(("https://", "asset://")) for ref in found)


@pytest.mark.parametrize(
    "gap", [" ", ",", ", ", "，", "、", ";", "；", "\n", " , ", ",\n", "，，", "> <", "><"]
)
def test_links_are_told_apart_by_spaces_commas_and_semicolons(gap: str) -> None:
    links = [
        "https://a.example/1.png?x=1,2;3",
        "asset://abc",
        "video:asset://def",
        "https://b.example/",
    ]
    text = gap.join(links)
    found, faults = read_links(f"<{text}>" if ">" in gap else text)
    assert faults == ()
    assert [media.url for media in found] == [
        "https://a.example/1.png?x=1,2;3",
        "asset://abc",
        "asset://def",
        "https://b.example/",
    ]


def test_a_separator_at_the_end_is_no_part_of_a_link() -> None:
    found, faults = read_links("https://a.example/1.png, ,，https://b.example/2.png；")
    assert faults == ()
    assert [media.url for media in found] == ["https://a.example/1.png", "https://b.example/2.png"]


@pytest.mark.parametrize("comma", ["，", "；", "、"])
def test_a_full_width_comma_ends_a_link_whatever_follows(comma: str) -> None:
    found, faults = read_links(f"https://a.example/x.png{comma}这张")
    assert [ref.url for ref in found] == ["https://a.example/x.png"]
    assert [fault.value for fault in faults] == ["这张"]
