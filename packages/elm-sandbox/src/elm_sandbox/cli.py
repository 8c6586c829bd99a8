"""The command `elm-sandbox`: serve a sandbox over HTTP, or check what holds on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from elm_protocols import MissingExtraError, Sandbox, UserError
from elm_sandbox.checkup import check_up
from elm_sandbox.client import TOKEN_VARIABLE
from elm_sandbox.gvisor import GVisor
from elm_sandbox.jail import STANDARD_MODULES, Jail


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a user's mistake is one sentence and exit code 2."""
    options = _parser().parse_args(arguments)
    try:
        sys.exit(options.run(options))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="elm-sandbox", description="Runs untrusted generated programs.")
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="serve a sandbox over HTTP")
    serve.set_defaults(run=_serve)
    _add_backend(serve)
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    serve.add_argument("--port", type=int, default=8700)
    serve.add_argument(
        "--workers", type=int, default=0, help="programs at the same time (default: one a CPU)"
    )
    serve.add_argument("--modules", nargs="*", help="what programs may import (default: numpy and the like)")
    serve.add_argument("--no-guard", dest="guard", action="store_false", help="run without the static look")
    serve.add_argument(
        "--no-token",
        dest="needs_token",
        action="store_false",
        help=f"serve whoever asks, where {TOKEN_VARIABLE} is not set",
    )
    check = commands.add_parser("check", help="run conformance, benign and attack corpora on this machine")
    check.set_defaults(run=lambda options: check_up(options.backend, weaker=options.weaker))
    _add_backend(check)
    return parser


def _add_backend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backend", choices=("jail", "gvisor"), default="jail")
    parser.add_argument(
        "--weaker", action="store_true", help="accept that this machine lacks walls of the jail"
    )


def _serve(options: argparse.Namespace) -> int:
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from elm_sandbox.server import create_app  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("elm-sandbox", "server", "serve a sandbox") from error
    token = os.environ.get(TOKEN_VARIABLE, "")
    if options.needs_token and not token:
        raise UserError(f"Set {TOKEN_VARIABLE} to the token that clients must send, or say --no-token.")
    sandbox = _sandbox(options)
    try:
        uvicorn.run(
            create_app(sandbox, token=token), host=options.host, port=options.port, log_level="warning"
        )
    finally:
        sandbox.close()
    return 0


def _sandbox(options: argparse.Namespace) -> Sandbox:
    modules = STANDARD_MODULES if options.modules is None else tuple(options.modules)
    if options.backend == "gvisor":
        return GVisor(workers=options.workers, modules=modules, guard=options.guard)
    return Jail(workers=options.workers, modules=modules, guard=options.guard, weaker=options.weaker)
