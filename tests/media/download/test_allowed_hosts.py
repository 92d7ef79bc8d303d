import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.media.download.allowed_hosts import AllowedHosts, is_public

PRIVATE = [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.17.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.8", "192.0.0.192", "192.88.99.1", "198.18.0.1", "192.0.2.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "100.100.100.200",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1",
    "fd00:ec2::254", "fc00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1",
    "4000::1", "", "localhost", "1.2.3", "2130706433", "0x7f000001",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "::ffff:8.8.8.8", "64:ff9b::808:808",
          "2606:4700:4700::1111", "2a00:1450:4001::1"]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_on_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_ipv4_embedded_in_ipv6_is_checked_as_ipv4(address: ipaddress.IPv4Address) -> None:
    plain = is_public(str(address))
    assert is_public(f"::ffff:{address}") == plain
    nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert is_public(str(nat64)) == plain
    assert not is_public(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1")


@given(st.ip_addresses())
def test_nothing_private_by_the_standard_library_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast or address.is_loopback:
        is_translated = str(address).startswith(("::ffff:", "64:ff9b:"))
        assert is_translated or not is_public(str(address))


def test_an_allowed_host_counts_with_any_port_and_an_allowed_port_only_with_its_host() -> None:
    allowed = AllowedHosts(["media.lan", "127.0.0.1:8080", "[::1]:9", "fd00::5", " NAS:81 "])
    for url in (
        "http://media.lan/x",
        "https://MEDIA.lan:1/x",
        "http://127.0.0.1:8080/",
        "http://[::1]:9/",
        "http://[fd00::5]:77/",
        "http://nas:81/",
    ):
        assert URL(url) in allowed, url
    for url in (
        "http://127.0.0.1/",
        "http://127.0.0.1:8081/",
        "http://localhost:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://[::1]:10/",
        "http://evil.media.lan/",
        "http://nas/",
    ):
        assert URL(url) not in allowed, url


@pytest.mark.parametrize("entry", ["", "  ", "a/b", "host:port", "host:99999", "u@host", ":80"])
def test_a_malformed_host_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        AllowedHosts([entry])
