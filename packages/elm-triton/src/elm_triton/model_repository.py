"""Model repositories: a directory from which Triton serves a Hugging Face model.

Layout: `REPOSITORY/NAME/config.pbtxt` and `REPOSITORY/NAME/1/...`
(triton-inference-server/server, docs/user_guide/model_repository.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from google.protobuf import text_format  # type: ignore[import-untyped,unused-ignore]
from tritonclient.grpc.model_config_pb2 import (  # type: ignore[import-untyped,unused-ignore]
    ModelConfig,
    ModelInstanceGroup,
    ModelQueuePolicy,
)

from elm_protocols import UserError
from elm_triton.chat_template import TEMPLATE_PARAMETER, TOKENS_PARAMETER, find_template

_STRING, _BOOL, _UINT32 = 13, 1, 4  # inference.DataType of model_config.proto
_INPUTS = (
    ("text_input", _STRING, False),
    ("sampling_parameters", _STRING, True),
    ("stream", _BOOL, True),
    ("exclude_input_in_output", _BOOL, True),
    ("return_finish_reason", _BOOL, True),
    ("return_num_input_tokens", _BOOL, True),
    ("return_num_output_tokens", _BOOL, True),
)
_OUTPUTS = (
    ("text_output", _STRING),
    ("finish_reason", _STRING),
    ("num_input_tokens", _UINT32),
    ("num_output_tokens", _UINT32),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """The model to serve.

    Attributes:
        model: A Hugging Face model directory, or a name on the hub, which the server then downloads.
        name: Name to serve it under; empty: the last part of `model`.
        served_path: Where the server finds a directory, if not where it is here (in a container, say).
        dtype: `auto`, or a number type of torch such as `bfloat16`.
    """

    model: str
    name: str = ""
    served_path: str = ""
    dtype: str = "auto"

    @property
    def served_name(self) -> str:
        """The name to serve it under."""
        return self.name or Path(self.model).name

    @property
    def location(self) -> str:
        """What the server loads."""
        if self.served_path:
            return self.served_path
        return str(Path(self.model).resolve()) if Path(self.model).is_dir() else self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class VllmPlacement:
    """How the vLLM backend uses the GPUs.

    Attributes:
        gpus: Their numbers; one instance spans `tensor_parallel_size` of them.
        tensor_parallel_size: GPUs that share one copy of the weights.
        gpu_memory_utilization: Share of each GPU's memory that vLLM takes, in (0, 1].
        max_model_len: Most tokens of prompt and text; 0: what the model's configuration says.
    """

    gpus: tuple[int, ...] = (0,)
    tensor_parallel_size: int = 1
    gpu_memory_utilization: float = 0.9
    max_model_len: int = 0

    def __post_init__(self) -> None:
        if not self.gpus or len(set(self.gpus)) != len(self.gpus) or min(self.gpus) < 0:
            raise UserError(f"Option 'gpus' must list different GPU numbers, not {list(self.gpus)}.")
        if not 0 < self.gpu_memory_utilization <= 1:
            raise UserError(
                f"Option 'gpu-memory' must lie above 0 and up to 1, not {self.gpu_memory_utilization}."
            )
        if self.tensor_parallel_size not in (1, len(self.gpus)):
            raise UserError(
                f"Option 'tensor-parallel' must be 1 (a copy on each GPU) or the number of GPUs "
                f"({len(self.gpus)}), not {self.tensor_parallel_size}: for several copies over several GPUs "
                "each, export and serve one repository for each group of GPUs, and list all addresses in url."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformersPlacement:
    """How the Python backend runs the model.

    Attributes:
        gpus: Their numbers, each with `instances` copies of the weights; empty: on the processor.
        instances: Copies of the weights.
        max_batch_size: Most prompts written together.
        queue_delay: Seconds that a prompt waits for others to join it, at most.
        threads: Threads of each instance on the processor; 0: its share of the cores.
    """

    gpus: tuple[int, ...] = ()
    instances: int = 1
    max_batch_size: int = 16
    queue_delay: float = 0.005
    threads: int = 0

    def __post_init__(self) -> None:
        for option, value, least in (
            ("instances", self.instances, 1),
            ("max-batch-size", self.max_batch_size, 1),
            ("queue-delay", self.queue_delay, 0),
            ("threads", self.threads, 0),
        ):
            if value < least:
                raise UserError(f"Option '{option}' must be at least {least}, not {value}.")


def export_vllm(repository: Path, source: ModelSource, placement: VllmPlacement) -> Path:
    """Write a model for the vLLM backend and return its directory.

    The backend completes the tensors itself. Several GPUs with one copy each are instances of kind GPU; one
    copy over several GPUs is an instance of kind MODEL, held to them by the parameter GPU_DEVICE_IDS
    (triton-inference-server/vllm_backend, src/model.py).

    Raises:
        UserError: The directory exists, or the model cannot be served.
    """
    config = _config(source, backend="vllm")
    kinds = ModelInstanceGroup
    if placement.tensor_parallel_size > 1:
        config.instance_group.add(count=1, kind=kinds.KIND_MODEL)
        config.parameters["GPU_DEVICE_IDS"].string_value = ",".join(map(str, placement.gpus))
    else:
        config.instance_group.add(count=1, kind=kinds.KIND_GPU, gpus=placement.gpus)
    engine = {
        "model": source.location,
        "dtype": source.dtype,
        "tensor_parallel_size": placement.tensor_parallel_size,
        "gpu_memory_utilization": placement.gpu_memory_utilization,
    }
    if placement.max_model_len:
        engine["max_model_len"] = placement.max_model_len
    directory = _write(repository, config)
    (directory / "1" / "model.json").write_text(json.dumps(engine, indent=2) + "\n", encoding="utf-8")
    return directory


def export_transformers(repository: Path, source: ModelSource, placement: TransformersPlacement) -> Path:
    """Write a model for the Python backend on transformers and return its directory.

    Prompts are batched dynamically; one that waits longer in the queue than its timeout is refused there.

    Raises:
        UserError: The directory exists, or the model cannot be served.
    """
    config = _config(source, backend="python")
    config.max_batch_size = placement.max_batch_size
    config.model_transaction_policy.decoupled = True
    for name, kind, optional in _INPUTS:
        config.input.add(name=name, data_type=kind, dims=[1], optional=optional)
    for name, kind in _OUTPUTS:
        config.output.add(name=name, data_type=kind, dims=[1])
    kinds = ModelInstanceGroup
    where = {"kind": kinds.KIND_GPU, "gpus": placement.gpus} if placement.gpus else {"kind": kinds.KIND_CPU}
    config.instance_group.add(count=placement.instances, **where)
    config.dynamic_batching.max_queue_delay_microseconds = int(placement.queue_delay * 1e6)
    config.dynamic_batching.default_queue_policy.timeout_action = ModelQueuePolicy.REJECT
    config.dynamic_batching.default_queue_policy.allow_timeout_override = True
    for name, value in (
        ("model", source.location),
        ("dtype", source.dtype),
        ("threads", str(placement.threads)),
    ):
        config.parameters[name].string_value = value
    directory = _write(repository, config)
    for name in ("model.py", "answering.py", "batched_generation.py"):
        code = resources.files("elm_triton") / "python_backend" / name
        (directory / "1" / name).write_text(code.read_text(encoding="utf-8"), encoding="utf-8")
    return directory


def _config(source: ModelSource, backend: str) -> ModelConfig:
    """Return the start of a configuration: name, backend, and the chat template if the model is here."""
    config = ModelConfig(name=source.served_name, backend=backend)
    directory = Path(source.model)
    if directory.is_dir():
        if not (directory / "config.json").is_file():
            raise UserError(f"'{directory}' is no Hugging Face model directory: it has no config.json.")
        template, tokens = find_template(directory)
        if template:  # base models have none
            config.parameters[TEMPLATE_PARAMETER].string_value = template
            config.parameters[TOKENS_PARAMETER].string_value = json.dumps(tokens)
    return config


def _write(repository: Path, config: ModelConfig) -> Path:
    directory = repository / str(config.name)
    if directory.exists():
        raise UserError(f"'{directory}' exists already: remove it, or choose another name.")
    (directory / "1").mkdir(parents=True)
    text = text_format.MessageToString(config)
    (directory / "config.pbtxt").write_text(text, encoding="utf-8")
    return directory


def model_names(repository: Path) -> Sequence[str]:
    """Return the names of the models in a repository.

    Raises:
        UserError: There is none.
    """
    names = sorted(path.parent.name for path in repository.glob("*/config.pbtxt"))
    if not names:
        raise UserError(f"'{repository}' holds no model: write one with elm-triton export.")
    return names
