"""Finding a Triton server on this machine: its program, the one inside nvidia-pytriton, or a container."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from elm_protocols import UserError

SERVER_VARIABLE = "ELM_TRITON_SERVER"
"""Environment variable with the server: its program, or a Python environment with nvidia-pytriton."""
IMAGE = "nvcr.io/nvidia/tritonserver:26.09-vllm-python-py3"
"""NVIDIA's image with both backends that `elm-triton export` writes for; it holds torch and transformers."""
_PYTRITON = "pytriton/tritonserver"


@dataclass(frozen=True, slots=True)
class ServerProgram:
    """How to start a server.

    Attributes:
        command: The command before the server's own options.
        environment: What to set in its environment.
        repository: The model repository as the server sees it.
        description: What it is, for messages.
    """

    command: tuple[str, ...]
    repository: str
    description: str
    environment: Mapping[str, str] = field(default_factory=dict)


def find_server(repository: Path, scratch: Path, server: str = "", image: str = "") -> ServerProgram:
    """Return a server for a model repository.

    Args:
        repository: The model repository.
        scratch: A directory that lives as long as the server.
        server: Its program, or a Python environment with nvidia-pytriton; empty: `ELM_TRITON_SERVER`, then
            `tritonserver` on PATH.
        image: Image to run in a container; empty: NVIDIA's, where no program is found.

    Raises:
        UserError: There is no server, or what is named is none.
    """
    named = server or ("" if image else os.environ.get(SERVER_VARIABLE, ""))
    if named:
        return _named_program(Path(named), repository, scratch)
    on_path = "" if image else shutil.which("tritonserver")
    if on_path:
        return ServerProgram((on_path,), str(repository.resolve()), on_path)
    return _container(repository, image or IMAGE)


def _named_program(path: Path, repository: Path, scratch: Path) -> ServerProgram:
    if path.is_dir():
        programs = sorted(path.glob(f"lib/python3.*/site-packages/{_PYTRITON}/bin/tritonserver"))
        if not programs:
            raise UserError(f"The Python environment '{path}' has no nvidia-pytriton: install it there.")
        return _pytriton(path.absolute(), programs[-1].absolute(), repository, scratch)
    if not path.is_file():
        raise UserError(f"There is no Triton server at '{path}': name its program, or a Python environment.")
    return ServerProgram((str(path.absolute()),), str(repository.resolve()), str(path))


def _pytriton(environment: Path, program: Path, repository: Path, scratch: Path) -> ServerProgram:
    """Return the server inside nvidia-pytriton, which lies in pieces that Triton does not find by itself.

    The Python backend looks for its stub beside its library, and pytriton keeps one stub a Python version
    elsewhere: a backend directory of links brings them together. The stub loads libpython, which lies in the
    directory that sysconfig calls LIBDIR, and the environment's packages, if its Python is first on PATH.
    """
    version = program.parents[4].name.removeprefix("python")
    server_files = program.parents[1]
    backend = scratch / "backends" / "python"
    backend.mkdir(parents=True)
    stub = server_files / "python_backend_stubs" / version / "triton_python_backend_stub"
    for file in (*(server_files / "backends" / "python").iterdir(), stub):
        (backend / file.name).symlink_to(file)
    python = environment / "bin" / "python"
    libdir = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    libraries = [libdir, str(program.parents[3] / "nvidia_pytriton.libs"), os.environ.get("LD_LIBRARY_PATH")]
    return ServerProgram(
        command=(str(program), f"--backend-directory={backend.parent}"),
        repository=str(repository.resolve()),
        description=f"nvidia-pytriton in {environment}",
        environment={
            "LD_LIBRARY_PATH": ":".join(filter(None, libraries)),
            "PATH": f"{python.parent}:{os.environ.get('PATH', '')}",
            "VIRTUAL_ENV": str(environment),
        },
    )


def _container(repository: Path, image: str) -> ServerProgram:
    engine = shutil.which("docker") or shutil.which("podman")
    if not engine:
        raise UserError(
            "There is no Triton server on this machine: install Docker, or name a server program or a Python "
            f"environment with nvidia-pytriton (option --server, or {SERVER_VARIABLE})."
        )
    gpus = ("--gpus=all",) if shutil.which("nvidia-smi") else ()
    command = (
        engine,
        "run",
        "--rm",
        "--init",
        *gpus,
        "--network=host",
        "--shm-size=4g",  # tensor parallelism and the Python backend talk through shared memory
        *_mounts(repository),
        image,
        "tritonserver",
    )
    return ServerProgram(command, str(repository.resolve()), f"{image} in {Path(engine).name}")


def _mounts(repository: Path) -> Sequence[str]:
    """Return the mounts of the repository, what its models load, and the hub's cache, at the same paths."""
    cache = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    paths = {repository.resolve(), *_model_directories(repository)}
    mounts = [f"--volume={path}:{path}:ro" for path in sorted(paths)]
    passed = [f"--env={name}" for name in ("HF_TOKEN",) if name in os.environ]
    return (*mounts, f"--volume={cache}:{cache}", f"--env=HF_HOME={cache}", *passed)


def _model_directories(repository: Path) -> set[Path]:
    """Return the directories outside the repository that its models name."""
    words = {
        word
        for pattern in ("*/config.pbtxt", "*/1/model.json")
        for file in repository.glob(pattern)
        for word in file.read_text(encoding="utf-8").split('"')
        if word.startswith("/")
    }
    return {Path(word) for word in words if "\n" not in word and len(word) < 4096 and Path(word).is_dir()}
