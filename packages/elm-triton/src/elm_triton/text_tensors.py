"""Prompts to tensors, and responses to text, for a served model and its interface."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from elm_triton.sampling import Sampling
from elm_triton.served_model import NUMPY_TYPES, ServedModel, TensorSpec
from elm_triton.text_interfaces import TextInterface, find_tensor


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array on its way to the server; its datatype is Triton's."""

    name: str
    datatype: str
    values: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class TextModel:
    """A served model together with the text interface that it has."""

    served: ServedModel
    interface: TextInterface

    @property
    def cumulative(self) -> bool:
        """Whether each streamed response repeats the text before it.

        So do the LLM API, and TensorRT-LLM's BLS model where its configuration says `accumulate_tokens`.
        """
        accumulates = self.served.parameters.get("accumulate_tokens", "").lower() in ("true", "1")
        return self.interface.cumulative or accumulates


def encode_request(model: TextModel, prompt: str, sampling: Sampling, *, stream: bool) -> list[Tensor]:
    """Return the inputs of a request, leaving out what the model does not know or what has no value.

    Args:
        model: The model.
        prompt: The prompt.
        sampling: How to draw.
        stream: Ask for the text piece by piece; heeded by decoupled models only.
    """
    values = _values_by_role(prompt, sampling, stream=stream and model.served.decoupled)
    tensors = []
    for part in model.interface.inputs:
        tensor = find_tensor(part, model.served.inputs)
        if tensor is None:
            continue
        value = values.get(part.role, ())
        if not value and not tensor.optional and part.role in ("stop", "bad_words"):
            value = [""]  # early ensembles need these inputs even where there is nothing to say
        if value:
            tensors.append(_tensor(tensor, value, batched=model.served.batched))
    return tensors


def _values_by_role(prompt: str, sampling: Sampling, *, stream: bool) -> dict[str, list[Any]]:
    greedy = sampling.temperature == 0
    return {
        "prompt": [prompt],
        "sampling": [json.dumps(sampling_parameters(sampling))],
        "stream": [stream],
        "exclude_prompt": [True],
        "want_finish_reason": [True],
        "want_input_tokens": [True],
        "want_output_tokens": [True],
        "max_tokens": [sampling.max_tokens],
        "stop": list(sampling.stop),
        # TensorRT-LLM refuses a temperature of 0; one candidate a step is the same.
        "top_k": [1] if greedy else [],
        "temperature": [] if greedy else [sampling.temperature],
        "top_p": [] if greedy else [sampling.top_p],
        "seed": [] if sampling.seed is None else [sampling.seed],
    }


def sampling_parameters(sampling: Sampling) -> dict[str, Any]:
    """Return the sampling in the words of vLLM's `SamplingParams`."""
    parameters: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
    }
    if sampling.stop:
        parameters["stop"] = list(sampling.stop)
    if sampling.seed is not None:
        parameters["seed"] = sampling.seed
    return parameters


def _tensor(spec: TensorSpec, value: list[Any], *, batched: bool) -> Tensor:
    if spec.datatype == "BYTES":
        value = [text.encode() for text in value]
    array = np.array(value, dtype=NUMPY_TYPES[spec.datatype])
    return Tensor(spec.name, spec.datatype, array.reshape(1, -1) if batched else array)


@dataclass(slots=True)
class Reply:
    """A text as its responses arrive.

    Attributes:
        model: The model that writes it.
        prompt: The prompt, cut off where a model repeats it.
        max_tokens: Where the text was to end at the latest.
        text: The text so far.
        new: What the last response added to it.
        input_tokens: Tokens of the prompt; 0 where the model does not say.
        output_tokens: Tokens of the text; 0 where the model does not say.
    """

    model: TextModel
    prompt: str
    max_tokens: int
    text: str = ""
    new: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    _finish_reason: str = field(default="", repr=False)

    def add(self, outputs: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Take in one response."""
        parts = {
            part.role: outputs[name]
            for part in self.model.interface.outputs
            for name in part.names
            if name in outputs
        }
        written = "".join(_texts(parts.get("text", ())))
        if self.repeats_prompt and (self.model.cumulative or not self.text):
            written = written.removeprefix(self.prompt)
        self.new = written[len(self.text) :] if self.model.cumulative else written
        self.text += self.new
        self._count(parts)
        for reason in _texts(parts.get("finish_reason", ())):
            # vLLM says the word None in every response before the last
            self._finish_reason = reason if reason != "None" else self._finish_reason

    def _count(self, parts: Mapping[str, np.ndarray[Any, Any]]) -> None:
        if "input_tokens" in parts:
            self.input_tokens = int(parts["input_tokens"].sum())
        if "output_tokens" in parts:
            written = int(parts["output_tokens"].sum())
            self.output_tokens = written if self.model.cumulative else self.output_tokens + written

    @property
    def repeats_prompt(self) -> bool:
        """Whether the model has no input that keeps it from writing the prompt first (early ensembles)."""
        exclude = next(part for part in self.model.interface.inputs if part.role == "exclude_prompt")
        return find_tensor(exclude, self.model.served.inputs) is None

    @property
    def finish_reason(self) -> str:
        """`stop`, `length`, or the server's word; else told from the token count; empty if unknown."""
        if self._finish_reason or not self.output_tokens:
            return self._finish_reason
        return "length" if self.output_tokens >= self.max_tokens else "stop"


def _texts(values: Iterable[Any]) -> list[str]:
    flat = np.asarray(values, dtype=object).reshape(-1)
    return [value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in flat]
