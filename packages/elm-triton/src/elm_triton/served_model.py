"""What a Triton server says of a model it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NUMPY_TYPES = {
    "BYTES": "object",
    "BOOL": "bool",
    "INT32": "int32",
    "INT64": "int64",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}
"""Numpy's name for each of Triton's data types that a text interface may use (KServe protocol v2)."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a model.

    Attributes:
        name: Its name.
        datatype: Triton's data type, for example `BYTES` or `FP32`.
        shape: Its dimensions without the batch dimension; -1 where any size is right.
        optional: Whether a request may leave it out.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.datatype} {list(self.shape)})"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as its server describes it.

    Attributes:
        name: The name it is served under.
        inputs: Inputs by name.
        outputs: Outputs by name.
        batched: Whether every tensor has a leading batch dimension (`max_batch_size` above 0).
        decoupled: Whether a request may have several responses.
        parameters: The string parameters of its configuration.
        backend: What runs it, for example `python`.
    """

    name: str
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    batched: bool = False
    decoupled: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    backend: str = ""


def read_model_config(config: Mapping[str, Any]) -> ServedModel:
    """Return what a model configuration says.

    Args:
        config: The JSON of Triton's `ModelConfig` message, as the model configuration extension returns it
            (`triton-inference-server/common`, protobuf/model_config.proto; 64-bit numbers may be strings).
    """
    parameters = {
        name: str(value.get("string_value", "")) for name, value in config.get("parameters", {}).items()
    }
    return ServedModel(
        name=config["name"],
        inputs=_tensors(config.get("input", [])),
        outputs=_tensors(config.get("output", [])),
        batched=int(config.get("max_batch_size", 0)) > 0,
        decoupled=bool(config.get("model_transaction_policy", {}).get("decoupled", False)),
        parameters=parameters,
        backend=config.get("backend") or config.get("platform", ""),
    )


def _tensors(entries: list[Mapping[str, Any]]) -> dict[str, TensorSpec]:
    return {
        entry["name"]: TensorSpec(
            name=entry["name"],
            datatype=_datatype(entry["data_type"]),
            shape=tuple(int(size) for size in entry.get("dims", ())),
            optional=bool(entry.get("optional", False)),
        )
        for entry in entries
    }


def _datatype(configured: str) -> str:
    """Return the protocol's name of a configuration's data type: `TYPE_STRING` is `BYTES` on the wire."""
    name = configured.removeprefix("TYPE_")
    return "BYTES" if name == "STRING" else name
