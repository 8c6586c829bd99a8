"""Programs, limits and outcomes as JSON between client and server; values keep their own typed encoding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from elm_protocols import Limits, Outcome, OutcomeStatus, Program
from elm_sandbox.inside import values
from elm_sandbox.requests import encode_program

RUN_PATH, HEALTH_PATH, METRICS_PATH = "/run", "/health", "/metrics"


class WireError(ValueError):
    """Bytes that are no message; one sentence says why."""


def dump_request(programs: Sequence[Program], limits: Limits) -> bytes:
    """Encode a request; raises UserError for arguments that are not data."""
    texts = [encode_program(program).decode("ascii") for program in programs]
    schemas = [program.schema for program in programs]
    return json.dumps({"limits": asdict(limits), "programs": texts, "schemas": schemas}).encode("ascii")


def load_request(content: bytes) -> tuple[list[Program], Limits]:
    """Decode a request, trusting nothing; raises WireError."""
    try:
        message = json.loads(content)
        limits = Limits(**{field.name: message["limits"][field.name] for field in fields(Limits)})
        pairs = zip(message["programs"], message["schemas"], strict=True)
        programs = [_load_program(text, schema) for text, schema in pairs]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"The request is no request of elm-sandbox ({type(error).__name__}).") from None
    if not all(isinstance(value, int | float) for value in asdict(limits).values()):
        raise WireError("Limits are numbers.")
    return programs, limits


def _load_program(text: str, schema: Any) -> Program:
    program = Program(**values.load(text.encode("ascii")), schema=schema)
    texts = (program.source, program.entry, program.adapter, *program.modules, *program.modules.values())
    if not all(isinstance(part, str) for part in texts) or not isinstance(program.args, tuple):
        raise TypeError("parts of a program have the wrong type")
    return program


def dump_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Encode the reply to a request."""
    return json.dumps({"outcomes": [_dump_outcome(outcome) for outcome in outcomes]}).encode("ascii")


def _dump_outcome(outcome: Outcome) -> dict[str, Any]:
    parts = {field.name: getattr(outcome, field.name) for field in fields(Outcome)}
    return {**parts, "status": outcome.status.value, "value": values.dump(outcome.value).decode("ascii")}


def load_outcomes(content: bytes, count: int) -> list[Outcome]:
    """Decode a reply that must hold `count` outcomes; raises WireError."""
    try:
        outcomes = [_load_outcome(parts) for parts in json.loads(content)["outcomes"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"The reply is no reply of elm-sandbox ({type(error).__name__}).") from None
    if len(outcomes) != count:
        raise WireError(f"The reply holds {len(outcomes)} outcomes for {count} programs.")
    return outcomes


def _load_outcome(parts: dict[str, Any]) -> Outcome:
    status = OutcomeStatus(parts["status"])
    value = values.load(parts["value"].encode("ascii")) if status is OutcomeStatus.OK else None
    return Outcome(
        status=status,
        value=value,
        feedback=str(parts["feedback"]),
        stdout=str(parts["stdout"]),
        seconds=float(parts["seconds"]),
        memory_bytes=int(parts["memory_bytes"]),
        level=str(parts["level"]),
    )
