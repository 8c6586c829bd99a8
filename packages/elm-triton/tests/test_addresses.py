"""Addresses and credentials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import UserError
from elm_triton.addresses import Address, Credentials, parse_addresses


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("localhost", Address("grpc", "localhost:8001")),
        ("localhost:9001", Address("grpc", "localhost:9001")),
        ("grpcs://gpu1", Address("grpc", "gpu1:8001", tls=True)),
        ("http://gpu1", Address("http", "gpu1:8000")),
        ("https://gpu1/triton/", Address("http", "gpu1:443/triton", tls=True)),
        ("[::1]:8001", Address("grpc", "[::1]:8001")),
    ],
)
def test_one_address(url, expected):
    assert parse_addresses(url) == (expected,)


def test_several_addresses_keep_their_order():
    assert [one.host for one in parse_addresses("b:1, a:2,,c")] == ["b:1", "a:2", "c:8001"]


@pytest.mark.parametrize(
    "url",
    ["", " , ", "ftp://a", "grpc://a/path", "a:port", "http://u:p@a", "a:1,a:1", "http://a?b=c", "://a"],
)
def test_what_cannot_be_read_is_a_users_mistake(url):
    with pytest.raises(UserError, match="'url'"):
        parse_addresses(url)


@given(
    host=st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z][a-z0-9]{0,5})?", fullmatch=True),
    port=st.integers(1, 65535),
    scheme=st.sampled_from(["grpc", "grpcs", "http", "https"]),
)
def test_a_printed_address_is_read_back(host, port, scheme):
    (address,) = parse_addresses(f"{scheme}://{host}:{port}")
    assert parse_addresses(str(address)) == (address,)
    assert address.tls == scheme.endswith("s")


def test_a_token_goes_into_the_header_and_not_into_a_log():
    credentials = Credentials(token="secret")
    assert credentials.headers == {"authorization": "Bearer secret"}
    assert "secret" not in repr(credentials)
    assert Credentials().headers == {}
    assert Credentials(token="t", token_header="x-key").headers == {"x-key": "t"}
    with pytest.raises(UserError, match="lower case"):
        Credentials(token_header="X-Key")


def test_missing_files_and_half_a_client_certificate_are_a_users_mistake(tmp_path):
    with pytest.raises(UserError, match="'ca_certificate'"):
        Credentials(ca_certificate=str(tmp_path / "none.pem"))
    with pytest.raises(UserError, match="go together"):
        Credentials(client_certificate=str(tmp_path))
