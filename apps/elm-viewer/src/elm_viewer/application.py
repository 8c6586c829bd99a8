"""The application (ASGI, starlette): the page, its files, and the documents of the runs. It only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from elm_protocols import Json, UserError
from elm_viewer.page_files import MEDIA_TYPES, SCRIPTS, STYLES, page_file, page_html
from elm_viewer.page_json import page_json
from elm_viewer.security_headers import HEADERS
from elm_viewer.shown_run import ShownRun
from elm_viewer.shown_runs import ShownRuns

LOCAL_HOSTS = ("127.0.0.1", "localhost")
"""Any other Host is refused: a foreign name that resolves to this machine is how a web page would get in."""
MOST_ROWS = 500
LARGEST_ID = 2**62
"""Above every id that SQLite can hold."""

Answer = Callable[[ShownRun, Mapping[str, int], Request], Json]


def create_application(runs: ShownRuns) -> Starlette:
    """Return the application over `runs`."""
    documents: dict[str, Answer] = {
        "overview": lambda run, _, __: run.overview(),
        "niches": lambda run, _, __: run.niches,
        "state": lambda run, _, __: run.state(),
        "progress": lambda run, _, __: run.progress(),
        "added/{start:int}": lambda run, path, _: run.added(path["start"]),
        "individuals/{id:int}": lambda run, path, _: run.individual(path["id"]),
        "individuals/{id:int}/request": lambda run, path, _: run.request(path["id"]),
        "individuals/{id:int}/lineage": lambda run, path, _: run.lineage(path["id"]),
        "individuals/{id:int}/children": lambda run, path, _: run.children(path["id"]),
        "individuals/{id:int}/replays/{which:int}": lambda run, path, _: run.replay(
            path["id"], path["which"]
        ),
        "latest": lambda run, _, request: _latest(run, request),
    }
    return Starlette(
        routes=[
            Route("/", _page, methods=["GET"]),
            *(Route(f"/page/{name}", _file(name), methods=["GET"]) for name in (*SCRIPTS, *STYLES)),
            Route("/documents/runs", lambda _: _json(runs.listed()), methods=["GET"]),
            *(
                Route(f"/documents/runs/{{run:int}}/{path}", _document(runs, answer), methods=["GET"])
                for path, answer in documents.items()
            ),
        ],
        middleware=[
            Middleware(_SecureHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(LOCAL_HOSTS), www_redirect=False),
        ],
    )


class _SecureHeaders:
    """Puts `HEADERS` on every answer, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _page(request: Request) -> Response:
    del request
    styles = "".join(f'<link rel="stylesheet" href="page/{name}">\n' for name in STYLES)
    scripts = "".join(f'<script defer src="page/{name}"></script>\n' for name in SCRIPTS)
    return HTMLResponse(page_html(styles, scripts))


def _file(name: str) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        del request
        return Response(page_file(name), media_type=MEDIA_TYPES[PurePath(name).suffix])

    return answer


def _document(runs: ShownRuns, answer: Answer) -> Callable[[Request], Response]:
    def respond(request: Request) -> Response:
        try:
            numbers = {name: min(number, LARGEST_ID) for name, number in request.path_params.items()}
            return _json(answer(runs.run(numbers["run"]), numbers, request))
        except UserError as error:
            return _json({"error": str(error)}, 404)

    return respond


def _json(value: Json, status: int = 200) -> Response:
    return Response(page_json(value), status, media_type="application/json")


def _latest(run: ShownRun, request: Request) -> Json:
    wanted = request.query_params
    before = wanted.get("before", "")
    return run.latest(
        MOST_ROWS if not wanted.get("count", "").isdecimal() else min(int(wanted["count"]), MOST_ROWS),
        int(before) if before.isdecimal() and len(before) < 19 else None,
        wanted.get("cause", ""),
        wanted.get("operator", ""),
    )
