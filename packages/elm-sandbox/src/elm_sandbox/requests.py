"""Programs and limits as the worker takes them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

from elm_protocols import Limits, Program, UserError
from elm_sandbox.inside import values
from elm_sandbox.schema import check_schema
from elm_sandbox.worker_process import Request

MAX_PROGRAM_BYTES = 256 * 2**20


def encode_program(program: Program) -> bytes:
    """Encode what the worker needs of a program; raises UserError where its arguments are not data."""
    task = {
        "source": program.source,
        "entry": program.entry,
        "args": tuple(program.args),
        "kwargs": dict(program.kwargs),
        "modules": dict(program.modules),
        "adapter": program.adapter,
    }
    try:
        content = values.dump(task)
    except values.NotDataError as error:
        raise UserError(f"Pass a program only arguments that are data: {error}.") from None
    if len(content) > MAX_PROGRAM_BYTES:
        raise UserError(f"Pass a program at most {MAX_PROGRAM_BYTES} bytes, arguments included.")
    return content


def encode_request(program: Program, limits: Limits, *, guard: bool) -> Request:
    """Encode a program and its limits; raises UserError where they, or its schema, are of no use."""
    check_limits(limits)
    check_schema(program.schema)
    bounds = json.dumps({**asdict(limits), "seconds": float(limits.seconds), "guard": guard})
    return Request(bounds.encode(), encode_program(program), limits, program.schema)


def check_limits(limits: Limits) -> None:
    """Raise UserError for limits that make no sense."""
    if not (math.isfinite(limits.seconds) and 0 < limits.seconds <= 86_400):
        raise UserError("Give a program more than 0 and at most 86400 seconds.")
    if limits.memory_bytes <= 0 or limits.output_bytes <= 0:
        raise UserError("Give a program more than 0 bytes of memory and of output.")
    if limits.processes < 0 or limits.file_bytes < 0 or limits.seed < 0:
        raise UserError("Limits of processes, file_bytes and seed are 0 or more.")
