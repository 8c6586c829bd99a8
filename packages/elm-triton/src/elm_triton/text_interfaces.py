"""The text interfaces of Triton's language-model backends: which tensor plays which part.

The table `TEXT_INTERFACES` is the one place that knows tensor names; docs/triton.md shows it with sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from elm_protocols import UserError
from elm_triton.served_model import NUMPY_TYPES, ServedModel, TensorSpec

_TEXT = frozenset({"BYTES"})
_FLAG = frozenset({"BOOL"})
_WHOLE = frozenset({"INT32", "INT64", "UINT32", "UINT64"})
_REAL = frozenset({"FP16", "FP32", "FP64"})
_KINDS = {"text": _TEXT, "flag": _FLAG, "whole": _WHOLE, "real": _REAL}


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a tensor plays.

    Attributes:
        role: Which part: `prompt`, `sampling` (all of it as one JSON text), `stream`, `max_tokens`, ...
        names: Names of the tensor, the newest release's first.
        kind: `text`, `flag`, `whole` or `real`: the data types it may have.
        needed: Whether a model without it does not have the interface.
    """

    role: str
    names: tuple[str, ...]
    kind: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class TextInterface:
    """A backend's text interface.

    Attributes:
        name: Name in messages.
        inputs: Parts of the inputs.
        outputs: Parts of the outputs.
        source: Where the tensors are defined.
        cumulative: Whether each streamed response holds all of the text so far, not only what is new.
    """

    name: str
    inputs: tuple[Part, ...]
    outputs: tuple[Part, ...]
    source: str
    cumulative: bool = False


VLLM = TextInterface(
    name="vLLM backend",
    inputs=(
        Part("prompt", ("text_input",), "text", needed=True),
        Part("sampling", ("sampling_parameters",), "text", needed=True),
        Part("stream", ("stream",), "flag"),
        Part("exclude_prompt", ("exclude_input_in_output",), "flag"),
        Part("want_finish_reason", ("return_finish_reason",), "flag"),
        Part("want_input_tokens", ("return_num_input_tokens",), "flag"),
        Part("want_output_tokens", ("return_num_output_tokens",), "flag"),
    ),
    outputs=(
        Part("text", ("text_output",), "text", needed=True),
        Part("finish_reason", ("finish_reason",), "text"),
        Part("input_tokens", ("num_input_tokens",), "whole"),
        Part("output_tokens", ("num_output_tokens",), "whole"),
    ),
    source="triton-inference-server/vllm_backend: src/model.py, src/utils/request.py",
)
TENSORRT_LLM = TextInterface(
    name="TensorRT-LLM ensemble or BLS",
    inputs=(
        Part("prompt", ("text_input",), "text", needed=True),
        Part("max_tokens", ("max_tokens",), "whole", needed=True),
        Part("stop", ("stop_words",), "text"),
        Part("bad_words", ("bad_words",), "text"),
        Part("temperature", ("temperature",), "real"),
        Part("top_p", ("top_p",), "real"),
        Part("top_k", ("top_k",), "whole"),
        Part("seed", ("seed", "random_seed"), "whole"),
        Part("stream", ("stream",), "flag"),
        Part("exclude_prompt", ("exclude_input_in_output",), "flag"),
        Part("want_input_tokens", ("return_num_input_tokens",), "flag"),
        Part("want_output_tokens", ("return_num_output_tokens",), "flag"),
    ),
    outputs=(
        Part("text", ("text_output",), "text", needed=True),
        Part("input_tokens", ("num_input_tokens",), "whole"),
        Part("output_tokens", ("num_output_tokens",), "whole"),
    ),
    source="NVIDIA/TensorRT-LLM: triton_backend/all_models/inflight_batcher_llm/{ensemble,tensorrt_llm_bls}",
)
LLM_API = TextInterface(
    name="TensorRT-LLM LLM API",
    inputs=(
        Part("prompt", ("text_input",), "text", needed=True),
        Part("max_tokens", ("sampling_param_max_tokens",), "whole", needed=True),
        Part("stop", ("sampling_param_stop",), "text"),
        Part("temperature", ("sampling_param_temperature",), "real"),
        Part("top_p", ("sampling_param_top_p",), "real"),
        Part("top_k", ("sampling_param_top_k",), "whole"),
        Part("seed", ("sampling_param_seed",), "whole"),
        Part("stream", ("streaming",), "flag"),
        Part("exclude_prompt", ("sampling_param_exclude_input_from_output",), "flag"),
        Part("want_finish_reason", ("return_finish_reason",), "flag"),
    ),
    outputs=(
        Part("text", ("text_output",), "text", needed=True),
        Part("finish_reason", ("finish_reason",), "text"),
    ),
    source="NVIDIA/TensorRT-LLM: triton_backend/all_models/llmapi/tensorrt_llm",
    cumulative=True,
)
TEXT_INTERFACES = (VLLM, TENSORRT_LLM, LLM_API)
"""Every known interface; no model fits two of them, since their needed inputs differ."""


def choose_interface(model: ServedModel) -> TextInterface:
    """Return the text interface that a model has.

    Raises:
        UserError: None fits; the message lists the model's tensors.
    """
    misfits = []
    for interface in TEXT_INTERFACES:
        misfit = _misfit(model, interface)
        if misfit is None:
            return interface
        misfits.append(f"{interface.name}: {misfit}")
    inputs = ", ".join(map(str, model.inputs.values())) or "none"
    raise UserError(
        f"The model '{model.name}' has no text interface that elm-triton speaks ({'; '.join(misfits)}); "
        f"its inputs are {inputs}: serve it by one of those backends, or export it with elm-triton export."
    )


def find_tensor(part: Part, tensors: Mapping[str, TensorSpec]) -> TensorSpec | None:
    """Return the tensor that plays a part, None if the model has none."""
    return next((tensors[name] for name in part.names if name in tensors), None)


def _misfit(model: ServedModel, interface: TextInterface) -> str | None:
    """Return why a model does not have an interface, None if it has it."""
    for parts, tensors, side in (
        (interface.inputs, model.inputs, "input"),
        (interface.outputs, model.outputs, "output"),
    ):
        for part in parts:
            tensor = find_tensor(part, tensors)
            if tensor is None:
                if part.needed:
                    return f"it has no {side} {part.names[0]}"
            elif tensor.datatype not in _KINDS[part.kind] & NUMPY_TYPES.keys():
                return f"its {side} {tensor.name} is {tensor.datatype}, not {_named(part)}"
    known = {name for part in interface.inputs for name in part.names}
    foreign = [name for name, tensor in model.inputs.items() if not tensor.optional and name not in known]
    return f"it needs the input {foreign[0]}" if foreign else None


def _named(part: Part) -> str:
    return " or ".join(sorted(_KINDS[part.kind]))
