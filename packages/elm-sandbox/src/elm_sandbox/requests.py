"""Programs and limits as the worker takes them."""

from __future__ import annotations

import json
import math

from elm_protocols import Limits, Program, UserError
from elm_sandbox.inside import values
from elm_sandbox.worker_process import Request

MAX_PROGRAM_BYTES = 256 * 2**20


def encode_request(program: Program, limits: Limits, *, guard: bool) -> Request:
    """Encode a program; raises UserError where arguments or limits are of no use."""
    _check_limits(limits)
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
    bounds = {
        "seconds": float(limits.seconds),
        "memory_bytes": limits.memory_bytes,
        "output_bytes": limits.output_bytes,
        "processes": limits.processes,
        "file_bytes": limits.file_bytes,
        "seed": limits.seed,
        "guard": guard,
    }
    return Request(json.dumps(bounds).encode(), content, limits)


def _check_limits(limits: Limits) -> None:
    if not (math.isfinite(limits.seconds) and 0 < limits.seconds <= 86_400):
        raise UserError("Give a program more than 0 and at most 86400 seconds.")
    if limits.memory_bytes <= 0 or limits.output_bytes <= 0:
        raise UserError("Give a program more than 0 bytes of memory and of output.")
    if limits.processes < 0 or limits.file_bytes < 0 or limits.seed < 0:
        raise UserError("Limits of processes, file_bytes and seed are 0 or more.")
