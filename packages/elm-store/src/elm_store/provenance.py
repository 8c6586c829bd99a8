"""Where and with what a run was made: host, Python, packages, git commit."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_GIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a process that writes a run is.

    Attributes:
        host: Name of the machine.
        pid: Id of the process.
        python: Version of Python, and the platform.
        git_commit: Commit checked out in the working directory, `-dirty` behind it if files were changed;
            empty if there is none.
        packages: Version of every installed distribution, by name.
    """

    host: str
    pid: int
    python: str
    git_commit: str
    packages: Mapping[str, str]


def current_provenance() -> Provenance:
    """Return the provenance of this process."""
    return Provenance(
        host=socket.gethostname(),
        pid=os.getpid(),
        python=f"{platform.python_version()} on {platform.platform()}",
        git_commit=git_commit(Path.cwd()),
        packages=installed_packages(),
    )


def installed_packages() -> dict[str, str]:
    """Return the version of every installed distribution, by name."""
    found = {distribution.name: distribution.version for distribution in importlib.metadata.distributions()}
    return dict(sorted(found.items()))


def git_commit(directory: Path) -> str:
    """Return the commit checked out in `directory`, `-dirty` behind it if files differ; empty if none."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        result = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:  # a huge working tree on a slow disk: the run is worth more than this
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
