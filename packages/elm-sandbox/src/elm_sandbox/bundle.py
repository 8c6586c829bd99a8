"""The OCI bundle of the gVisor worker: a read-only root that holds this Python and nothing else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from elm_sandbox.inside.container import EMPTY_ROOT

_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_CAPABILITIES = ["CAP_SYS_CHROOT", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"]
"""Of the container's own root, which knows no host; the worker gives them up before it serves."""


def write_bundle(
    directory: Path, argv: Sequence[str], environment: Mapping[str, str], *, scratch_bytes: int
) -> None:
    """Write `config.json` and an empty root file system.

    Args:
        directory: An existing folder that only we can write to.
        argv: The worker's command, which must use this Python.
        environment: All of its environment.
        scratch_bytes: Size of the memory file system that holds the scratch directory.
    """
    (directory / "rootfs").mkdir()
    config = _config(argv, environment, scratch_bytes)
    (directory / "config.json").write_text(json.dumps(config, indent=1))


def needed_paths() -> list[str]:
    """Return the folders of the host that this Python and its modules live in, outermost only."""
    places = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent), *sys.path}
    places |= {str(Path(place).resolve()) for place in places if place}
    found = [place for place in [*places, *_SYSTEM_LIBRARIES] if place and Path(place).is_dir()]
    return _outermost(os.path.normpath(place) for place in found)


def _outermost(places: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for place in sorted(set(places)):
        if not any(place == outer or place.startswith(outer.rstrip("/") + "/") for outer in kept):
            kept.append(place)
    return kept


def _config(argv: Sequence[str], environment: Mapping[str, str], scratch_bytes: int) -> dict[str, Any]:
    sets = ("bounding", "effective", "permitted")
    plain = ["nosuid", "nodev", "noexec"]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": list(argv),
            "env": [f"{name}={value}" for name, value in environment.items()],
            "cwd": "/",
            "noNewPrivileges": True,
            "capabilities": {name: _CAPABILITIES for name in sets},
        },
        "root": {"path": "rootfs", "readonly": True},
        "hostname": "sandbox",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {
                "destination": EMPTY_ROOT,
                "type": "tmpfs",
                "source": "tmpfs",
                "options": [*plain, f"size={scratch_bytes}", "mode=755"],
            },
            *(
                {"destination": place, "type": "bind", "source": place, "options": ["ro", "rbind", "nosuid"]}
                for place in needed_paths()
            ),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
            "resources": {},
        },
    }
