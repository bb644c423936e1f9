"""Which addresses may be dialled."""

import pytest

from webapp.core.http import is_forbidden

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:93.184.216.34"]
FORBIDDEN = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "2002:7f00:1::",
    "2001:0:5ef5:79fb::1",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_dialled(address: str) -> None:
    assert not is_forbidden(address)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_is_not_somebodys_public_host_may_not(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_an_allowed_network_is_opened(address: str) -> None:
    assert not is_forbidden(address, allowed_nets=["10.1.0.0/16"])


def test_an_allowed_network_opens_no_other() -> None:
    assert is_forbidden("10.2.0.1", allowed_nets=["10.1.0.0/16"])
    assert is_forbidden("64:ff9b::a01:1", allowed_nets=["10.1.0.0/16"])


def test_a_network_that_cannot_be_read_is_an_error_not_a_hole() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        is_forbidden("10.2.0.1", allowed_nets=["nonsense"])
