"""From an address to a connection of its protocol."""

from __future__ import annotations

from elm_triton.addresses import Address, Credentials
from elm_triton.endpoint import Endpoint


def open_endpoint(address: Address, credentials: Credentials) -> Endpoint:
    """Return a connection to a server; needs a running event loop, connects at the first request.

    Raises:
        MissingExtraError: The address is HTTP and the extra `http` is not installed.
    """
    if address.protocol == "http":
        from elm_triton.http_endpoint import HttpEndpoint  # noqa: PLC0415 (an extra)

        return HttpEndpoint(address, credentials)
    from elm_triton.grpc_endpoint import GrpcEndpoint  # noqa: PLC0415 (0.5 s that HTTP need not pay)

    return GrpcEndpoint(address, credentials)
