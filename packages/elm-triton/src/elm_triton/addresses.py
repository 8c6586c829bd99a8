"""Where servers are and how to get in: addresses, TLS and token."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from elm_protocols import UserError

TOKEN_VARIABLE = "ELM_TRITON_TOKEN"
"""Environment variable with the token, where nothing else is said."""
_PORTS = {"grpc": 8001, "http": 8000}  # Triton's defaults


@dataclass(frozen=True, slots=True)
class Address:
    """One server's address.

    Attributes:
        protocol: `grpc` or `http`.
        host: Host and port, and the path under which an HTTP server is found, if any.
        tls: Whether the connection is encrypted.
    """

    protocol: str
    host: str
    tls: bool = False

    def __str__(self) -> str:
        return f"{self.protocol}{'s' if self.tls else ''}://{self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What proves who is who; each file is in PEM format, empty where it is not used.

    Attributes:
        token: Sent with every request; for connections with TLS or a trusted network.
        token_header: Header that carries it: `authorization` (as `Bearer TOKEN`, what proxies ask for), or
            another one as it is, such as Triton's own `triton-grpc-protocol-KEY` (restricted protocols).
        ca_certificate: Certificates of the authorities to trust; empty: the system's.
        client_certificate: This client's certificate, where the server asks for one.
        client_key: Key of `client_certificate`.
    """

    token: str = ""
    token_header: str = "authorization"
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""

    def __post_init__(self) -> None:
        if not self.token_header or self.token_header != self.token_header.lower():
            raise UserError(f"Option 'token_header' must be in lower case, not '{self.token_header}'.")
        if bool(self.client_certificate) != bool(self.client_key):
            raise UserError("Options 'client_certificate' and 'client_key' go together: give both.")
        for option in ("ca_certificate", "client_certificate", "client_key"):
            path = getattr(self, option)
            if path and not Path(path).is_file():
                raise UserError(f"Option '{option}' must name a PEM file, and '{path}' is none.")

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        if not self.token:
            return {}
        value = f"Bearer {self.token}" if self.token_header == "authorization" else self.token
        return {self.token_header: value}

    def __repr__(self) -> str:  # a token must not reach a log
        return "Credentials(...)"


def parse_addresses(url: str) -> tuple[Address, ...]:
    """Return the addresses in a comma-separated list.

    Args:
        url: For example `localhost:8001`, `grpcs://gpu1:8001,grpcs://gpu2:8001`, `https://host/triton`;
            without a scheme it is gRPC without TLS, without a port Triton's default for the protocol.

    Raises:
        UserError: There is none, one cannot be read, or the same is named twice.
    """
    addresses = tuple(_parse(part.strip()) for part in url.split(",") if part.strip())
    if not addresses:
        raise UserError("Option 'url' must name a Triton server, for example localhost:8001.")
    if len(set(addresses)) != len(addresses):
        raise UserError(f"Option 'url' names a server twice: {url}.")
    return addresses


def _parse(text: str) -> Address:
    parts = urlsplit(text if "://" in text else f"grpc://{text}")
    protocol, tls = parts.scheme.removesuffix("s"), parts.scheme.endswith("s")
    try:
        port = parts.port
    except ValueError:
        port = -1
    path = parts.path.rstrip("/")
    understood = protocol in _PORTS and parts.hostname and port != -1 and not (path and protocol == "grpc")
    if not understood or parts.username or parts.query or parts.fragment:
        raise UserError(
            f"Option 'url' cannot be read: '{text}' should look like localhost:8001, grpcs://host:8001 "
            "or https://host:8000."
        )
    if port is None:
        port = 443 if tls and protocol == "http" else _PORTS[protocol]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return Address(protocol, f"{host}:{port}{path}", tls)
