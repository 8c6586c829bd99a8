"""Frames: a kind (one byte), a length, that many bytes. What host and worker say to each other."""

from __future__ import annotations

import os
import struct

HEADER = struct.Struct("<cI")

HELLO, REQUEST, VALUE, STDOUT, END = b"H", b"R", b"V", b"O", b"E"
"""Worker: ready (JSON). Host: a program. Worker: piece of its value; of its print; observations (JSON)."""


class ClosedError(Exception):
    """The other end is gone."""


def read_exactly(descriptor: int, size: int) -> bytearray:
    """Read `size` bytes into one buffer, which the caller can wipe."""
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        count = os.readv(descriptor, [view])
        if count == 0:
            raise ClosedError
        view = view[count:]
    return buffer


def read_frame(descriptor: int) -> tuple[bytes, bytearray]:
    """Read one frame, blocking: its kind and its bytes."""
    kind, size = HEADER.unpack(read_exactly(descriptor, HEADER.size))
    return kind, read_exactly(descriptor, size)


def write_frame(descriptor: int, kind: bytes, content: bytes | memoryview = b"") -> None:
    """Write one frame, blocking."""
    write_all(descriptor, HEADER.pack(kind, len(content)))
    write_all(descriptor, content)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all of `content`, blocking."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def wipe(buffer: bytearray) -> None:
    """Overwrite a buffer, so that a later child finds nothing of it in memory."""
    buffer[:] = bytes(len(buffer))
