"""The HTTP server over a sandbox: run programs, health, metrics. An ASGI application (starlette)."""

from __future__ import annotations

import asyncio
import hmac
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from elm_protocols import (
    Limits,
    MissingExtraError,
    Outcome,
    OutcomeStatus,
    Program,
    Sandbox,
    SandboxUnavailableError,
    UserError,
)
from elm_sandbox.wire import HEALTH_PATH, METRICS_PATH, RUN_PATH, WireError, dump_outcomes, load_request

try:
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise MissingExtraError("elm-sandbox", "server", "serve a sandbox") from error


_WELL_SECONDS = 2.0
"""For so long after a program has run, the sandbox counts as well."""
_MOST = Limits(seconds=60.0, memory_bytes=2**30, output_bytes=16 * 2**20, processes=0, file_bytes=16 * 2**20)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the server grants.

    Attributes:
        most: No program may ask for more than this.
        request_bytes: Largest request.
        programs: Most programs in a request.
        requests: Requests served at once; more are answered 503 and may be sent again.
    """

    most: Limits = _MOST
    request_bytes: int = 64 * 2**20
    programs: int = 1000
    requests: int = 32


class _Service:
    """The handlers and their counters."""

    def __init__(self, sandbox: Sandbox, token: str, limits: ServerLimits) -> None:
        self._sandbox, self._token, self._limits = sandbox, token, limits
        self._lock = threading.Lock()
        self._under_way = 0
        self._requests: Counter[int] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._seconds = 0.0
        self._probing = asyncio.Lock()
        self._well_until = 0.0
        self._level = ""

    async def run(self, request: Request) -> Response:
        """Run the programs of a request."""
        response = await self._answer(request)
        with self._lock:
            self._requests[response.status_code] += 1
        return response

    async def _answer(self, request: Request) -> Response:
        if not self._is_authorized(request):
            return _refusal(401, "Send the server's token.")
        with self._lock:
            if self._under_way >= self._limits.requests:
                return _refusal(503, "The server is busy: send the request again.")
            self._under_way += 1
        try:
            content = await self._body(request)
            if content is None:
                return _refusal(413, f"Send at most {self._limits.request_bytes} bytes in a request.")
            return await run_in_threadpool(self._run_programs, content)
        finally:
            with self._lock:
                self._under_way -= 1

    def _is_authorized(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        return not self._token or hmac.compare_digest(given, f"Bearer {self._token}".encode())

    async def _body(self, request: Request) -> bytes | None:
        """Read the body; None where it is too large."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > self._limits.request_bytes:
                return None
        return bytes(body)

    def _run_programs(self, content: bytes) -> Response:
        try:
            programs, limits = load_request(content)
            self._check(len(programs), limits)
            outcomes = self._sandbox.run(programs, limits)
        except SandboxUnavailableError as error:
            return _refusal(500, str(error))
        except (WireError, UserError) as error:
            return _refusal(400, str(error))
        with self._lock:
            for outcome in outcomes:
                self._outcomes[outcome.status.value] += 1
                self._seconds += outcome.seconds
            self._note(outcomes)
        return Response(dump_outcomes(outcomes), media_type="application/json")

    def _check(self, programs: int, limits: Limits) -> None:
        if programs > self._limits.programs:
            raise UserError(f"Send at most {self._limits.programs} programs in a request.")
        for name in ("seconds", "memory_bytes", "output_bytes", "processes", "file_bytes"):
            most = getattr(self._limits.most, name)
            if getattr(limits, name) > most:
                raise UserError(f"This server grants a program at most {most:g} {name}.")

    async def health(self, request: Request) -> Response:
        """Say whether programs run, by running one if none has just run; anyone may ask, so it is cheap."""
        del request
        async with self._probing:
            if time.monotonic() > self._well_until:
                try:
                    await run_in_threadpool(self._probe)
                except SandboxUnavailableError as error:
                    return _refusal(503, str(error))
        well = time.monotonic() <= self._well_until
        return JSONResponse(
            {"status": "ok" if well else "sandbox-error", "level": self._level}, 200 if well else 503
        )

    def _probe(self) -> None:
        self._note(self._sandbox.run([Program(source="")], Limits(seconds=10.0)))

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        """Take note that the sandbox runs programs, if it does."""
        if outcomes and outcomes[-1].status is not OutcomeStatus.SANDBOX_ERROR:
            self._level = outcomes[-1].level
            self._well_until = time.monotonic() + _WELL_SECONDS

    async def metrics(self, request: Request) -> Response:
        """Return counters in the text format of Prometheus."""
        if not self._is_authorized(request):
            return _refusal(401, "Send the server's token.")
        with self._lock:
            lines = [
                "# TYPE elm_sandbox_requests_total counter",
                *(f'elm_sandbox_requests_total{{code="{c}"}} {n}' for c, n in sorted(self._requests.items())),
                "# TYPE elm_sandbox_programs_total counter",
                *(
                    f'elm_sandbox_programs_total{{status="{s}"}} {n}'
                    for s, n in sorted(self._outcomes.items())
                ),
                "# TYPE elm_sandbox_program_seconds_total counter",
                f"elm_sandbox_program_seconds_total {self._seconds:.6f}",
                "# TYPE elm_sandbox_requests_under_way gauge",
                f"elm_sandbox_requests_under_way {self._under_way}",
            ]
        return PlainTextResponse("\n".join(lines) + "\n")


def _refusal(code: int, sentence: str) -> Response:
    headers = {"retry-after": "1"} if code == 503 else None
    return JSONResponse({"error": sentence}, code, headers=headers)


def create_app(sandbox: Sandbox, *, token: str = "", limits: ServerLimits | None = None) -> Starlette:
    """Return the application.

    Args:
        sandbox: Runs the programs; the caller closes it.
        token: What clients must send as bearer token; empty: none needed (for a private network only).
        limits: What the server grants.
    """
    service = _Service(sandbox, token, limits or ServerLimits())
    return Starlette(
        routes=[
            Route(RUN_PATH, service.run, methods=["POST"]),
            Route(HEALTH_PATH, service.health, methods=["GET"]),
            Route(METRICS_PATH, service.metrics, methods=["GET"]),
        ]
    )
