"""Whose attempts are counted together, and which address the audit trail may keep."""

import pytest
from pytest_django import Settings

from chatplatform.lib.client_address import client_address, client_network


@pytest.mark.parametrize(
    ("written", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:51234", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1::7", "2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1:ffff::8]:51234", "2001:db8:0:1:ffff::8", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("unknown", "", ""),
        ("", "", ""),
    ],
)
def test_an_address_and_its_network(settings: Settings, written: str, address: str, network: str) -> None:
    assert (client_address({"REMOTE_ADDR": written}), client_network({"REMOTE_ADDR": written})) == (address, network)
    settings.TRUSTED_PROXY_COUNT = 1
    by_proxy = {"HTTP_X_FORWARDED_FOR": f"198.51.100.1, {written or '-'}", "REMOTE_ADDR": "203.0.113.1"}
    assert (client_address(by_proxy), client_network(by_proxy)) == (address, network)
