"""The remote sandbox: programs run on a server (`elm-sandbox serve`)."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from elm_protocols import (
    Limits,
    MissingExtraError,
    Outcome,
    OutcomeStatus,
    Program,
    SandboxUnavailableError,
    UserError,
)
from elm_sandbox.requests import check_limits
from elm_sandbox.schema import check_schema
from elm_sandbox.wire import RUN_PATH, WireError, dump_request, load_outcomes

if TYPE_CHECKING:
    import httpx

TOKEN_VARIABLE = "ELM_SANDBOX_TOKEN"
_BATCH = 32
_RETRY_CODES = frozenset([502, 503, 504])


class RemoteSandbox:
    """Run programs on a server (`elm-sandbox serve`), from any platform.

    A server that restarts or is busy is tried again until `patience` ends; programs that could not be run by
    then come back as `sandbox-error`, which scores nobody. A server that has never answered is the caller's
    mistake.

    Args:
        url: The server, for example http://127.0.0.1:8700; https where it is not on this machine.
        token: The server's token; empty: the environment variable ELM_SANDBOX_TOKEN, or none.
        connections: Requests under way at once.
        patience: Seconds to keep trying a server that does not answer.

    Raises:
        MissingExtraError: The extra `client` is not installed.
        UserError: The server refuses the token or the request.
        SandboxUnavailableError: By the first `run`, where no server answers at `url`.
    """

    def __init__(
        self,
        *,
        url: str = "http://127.0.0.1:8700",
        token: str = "",
        connections: int = 4,
        patience: float = 30.0,
    ) -> None:
        try:
            import httpx  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingExtraError("elm-sandbox", "client", "use a remote sandbox") from error
        if not url.startswith(("http://", "https://")):
            raise UserError(f"Give the server's url as http://... or https://..., not {url!r}.")
        if connections < 1:
            raise UserError("A remote sandbox needs 1 connection or more.")
        token = token or os.environ.get(TOKEN_VARIABLE, "")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._url, self._patience = url, patience
        self._client = httpx.Client(base_url=url, headers=headers, trust_env=False)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="elm-sandbox-remote")
        self._closed = self._reached = False

    def run(self, programs: Sequence[Program], limits: Limits) -> list[Outcome]:
        """Return one outcome a program, in order; never raises for what a program did.

        Raises:
            UserError: Arguments that are not data, limits that make no sense or that the server does not
                grant, or a token that it refuses.
            SandboxUnavailableError: No server has ever answered.
        """
        if self._closed:
            raise UserError("This sandbox is closed; make a new one.")
        check_limits(limits)
        for program in programs:
            check_schema(program.schema)
        batches = [programs[start : start + _BATCH] for start in range(0, len(programs), _BATCH)]
        replies = self._threads.map(lambda batch: self._run_batch(batch, limits), batches)
        return [outcome for outcomes in replies for outcome in outcomes]

    def _run_batch(self, programs: Sequence[Program], limits: Limits) -> list[Outcome]:
        import httpx  # noqa: PLC0415 - an extra

        content = dump_request(programs, limits)
        deadline = time.monotonic() + self._patience
        timeout = httpx.Timeout(10.0, read=60.0 + limits.seconds * len(programs))
        pause = 0.1
        while True:
            try:
                response = self._client.post(RUN_PATH, content=content, timeout=timeout)
                if response.status_code not in _RETRY_CODES:
                    self._reached = True
                    return self._outcomes(response, len(programs))
                failure = f"answered {response.status_code}"
            except httpx.TransportError as error:
                failure = type(error).__name__
            if time.monotonic() + pause > deadline:
                if not self._reached:
                    raise SandboxUnavailableError(
                        f"No sandbox server answers at {self._url} ({failure}): start one with "
                        "`elm-sandbox serve`, or give its address as url."
                    )
                return _failures(f"the server at {self._url} does not run programs: {failure}", len(programs))
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _outcomes(self, response: httpx.Response, count: int) -> list[Outcome]:
        if response.status_code == 401:
            raise UserError(f"The sandbox server refuses the token: set {TOKEN_VARIABLE} or sandbox.token.")
        if response.status_code in (400, 413):
            raise UserError(f"The sandbox server refuses the request: {_sentence_of(response)}")
        if response.status_code != 200:
            return _failures(f"the server answered {response.status_code}: {_sentence_of(response)}", count)
        try:
            return load_outcomes(response.content, count)
        except WireError as error:
            return _failures(str(error), count)

    def close(self) -> None:
        """Close the connections; further `run` calls are errors. The server lives on."""
        self._closed = True
        self._threads.shutdown()
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _failures(feedback: str, count: int) -> list[Outcome]:
    outcome = Outcome(status=OutcomeStatus.SANDBOX_ERROR, feedback=" ".join(feedback.split())[:500])
    return [outcome] * count


def _sentence_of(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"])[:300]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
