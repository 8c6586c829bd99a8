"""A Triton server as a child process: start, wait until its models are ready, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from elm_protocols import UserError
from elm_triton import loop_thread
from elm_triton.addresses import Address, Credentials
from elm_triton.endpoint_opening import open_endpoint
from elm_triton.model_repository import model_names
from elm_triton.server_programs import find_server

_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """Where a server listens, and which one it is.

    Attributes:
        host: Address to listen on.
        grpc_port: Port of gRPC.
        http_port: Port of HTTP.
        metrics_port: Port of the metrics.
        server: Its program, or a Python environment with nvidia-pytriton; empty: see `find_server`.
        image: Image to run in a container; empty: see `find_server`.
        extra: Further options of tritonserver.
    """

    host: str = "127.0.0.1"
    grpc_port: int = 8001
    http_port: int = 8000
    metrics_port: int = 8002
    server: str = ""
    image: str = ""
    extra: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Its gRPC address."""
        return f"{self.host}:{self.grpc_port}"


@contextmanager
def running_server(
    repository: Path, options: ServingOptions, log: IO[str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server on a model repository; it and all its processes end with the context.

    Args:
        repository: The model repository.
        options: Where it listens, and which one it is.
        log: Where its output goes; None: where this process's goes.

    Raises:
        UserError: There is no server or no model.
    """
    model_names(repository)
    with tempfile.TemporaryDirectory(prefix="elm-triton-") as scratch:
        program = find_server(repository, Path(scratch), options.server, options.image)
        process = subprocess.Popen(
            [*program.command, f"--model-repository={program.repository}", *_arguments(options)],
            env={**os.environ, **program.environment},
            stdout=log,
            stderr=log,
            start_new_session=True,  # a group of its own, so that its stubs end with it
        )
        try:
            yield process
        finally:
            _stop(process)


def _arguments(options: ServingOptions) -> Sequence[str]:
    return (
        f"--grpc-address={options.host}",
        f"--http-address={options.host}",
        f"--metrics-address={options.host}",
        f"--grpc-port={options.grpc_port}",
        f"--http-port={options.http_port}",
        f"--metrics-port={options.metrics_port}",
        *options.extra,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # stubs that outlived it
    process.wait()


def wait_until_ready(
    process: subprocess.Popen[bytes],
    options: ServingOptions,
    models: Sequence[str],
    seconds: float,
    *,
    over_http: bool = False,
) -> None:
    """Return when a server's models are ready.

    Args:
        process: The server.
        options: Where it listens.
        models: Their names.
        seconds: When to give up.
        over_http: Ask over HTTP, where gRPC needs certificates.

    Raises:
        UserError: The server ended, or they are not ready in time.
    """
    deadline = time.monotonic() + seconds
    port = options.http_port if over_http else options.grpc_port
    address = Address("http" if over_http else "grpc", f"{options.host}:{port}")
    while not are_ready(address, models):
        if process.poll() is not None:
            raise UserError(
                f"The Triton server ended with code {process.returncode} before its models were ready: see "
                "what it printed."
            )
        if time.monotonic() >= deadline:
            raise UserError(f"The models were not ready within {seconds:g} s: see what the server printed.")
        time.sleep(0.2)


def are_ready(address: Address, models: Sequence[str]) -> bool:
    """Return whether a server answers and its models are ready."""

    async def ask() -> bool:
        endpoint = open_endpoint(address, Credentials())
        try:
            return all([await endpoint.is_ready(model, 2.0) for model in models])
        finally:
            await endpoint.close()

    return loop_thread.run(ask())
