"""The command `elm-viewer`: serve a page over runs, or write it as one file."""

from __future__ import annotations

import argparse
import socket
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from elm_protocols import UserError
from elm_viewer.application import create_application
from elm_viewer.report import MOST_INDIVIDUALS, write_report
from elm_viewer.shown_runs import ShownRuns, runs_in

USER_ERROR = 2
ADDRESS = "127.0.0.1"
"""This machine only: the page shows programs and replies to whoever can reach it."""
USUAL_PORT = 8765
LARGEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a user's mistake is one sentence and exit code 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["export"]:
            _export(_export_parser().parse_args(words[1:]))
        else:
            _serve(_serve_parser().parse_args(words))
    except UserError as error:
        print(f"elm-viewer: {error}", file=sys.stderr)
        sys.exit(USER_ERROR)


def _serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="elm-viewer",
        description="Show runs, finished or still running, on a web page of this machine.",
        epilog="elm-viewer export RUN report.html writes the page as one file that works offline.",
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="folder of a run (default: the newest run)")
    parser.add_argument(
        "--runs",
        dest="folder",
        default="runs",
        metavar="FOLDER",
        help="where to look for runs (default: runs)",
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help=f"default: {USUAL_PORT}, or any free one if that is taken"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    return parser


def _export_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="elm-viewer export", description="Write the page over one or more runs as one file."
    )
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder of a run")
    parser.add_argument("file", type=Path, help="the file to write, for example report.html")
    parser.add_argument(
        "--individuals",
        type=int,
        default=MOST_INDIVIDUALS,
        metavar="N",
        help=f"most individuals of each run that the report can open (default: {MOST_INDIVIDUALS})",
    )
    return parser


def _serve(options: argparse.Namespace) -> None:
    runs = ShownRuns(options.runs or runs_in(Path(options.folder)))
    first = runs.run(0)  # a run that cannot be read is told here, not on the page
    listener = _listen(options.port)
    address = f"http://{ADDRESS}:{listener.getsockname()[1]}/"
    more = len(runs.listed()) - 1
    print(
        f"{first.name}{f' and {more} more' if more else ''}: {address}  (Ctrl-C ends the viewer)", flush=True
    )
    if options.open:
        webbrowser.open(address)
    server = uvicorn.Server(uvicorn.Config(create_application(runs), log_level="warning", lifespan="off"))
    server.run(sockets=[listener])


def _listen(port: int | None) -> socket.socket:
    if port is None:
        try:
            return socket.create_server((ADDRESS, USUAL_PORT))
        except OSError:
            return socket.create_server((ADDRESS, 0))
    if not 0 <= port <= LARGEST_PORT:
        raise UserError(f"A port is 0 (any free one) to {LARGEST_PORT}, not {port}.")
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        reason = error.strerror
        raise UserError(f"Port {port} cannot be used ({reason}): choose another one with --port.") from None


def _export(options: argparse.Namespace) -> None:
    if options.individuals < 1:
        raise UserError(f"A report needs at least one individual, not {options.individuals}.")
    size = write_report(options.runs, options.file, options.individuals)
    print(f"{options.file}  ({size / 1e6:.1f} MB, opens in any browser, needs no network)")
