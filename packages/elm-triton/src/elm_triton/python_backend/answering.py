"""Requests of Triton to texts of a Hugging Face model, with the tensors of the vLLM backend.

Copied into a model repository by `elm-triton export`; it runs inside Triton. What Triton's dynamic batcher
hands over together is written together.
"""

# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,misc"

from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np
import torch
import triton_python_backend_utils as triton
from batched_generation import BatchedGenerator, PromptTooLongError, Row, TextRequest
from transformers import AutoModelForCausalLM, AutoTokenizer


class LoadedModel:
    """One instance: one copy of the weights on one device.

    Args:
        args: Triton's; the model's parameters are `model` (directory or hub name), `dtype` (`auto` or one of
            torch's), and `threads` (of an instance on the processor; 0: its share of the cores).
    """

    def __init__(self, args: dict[str, str]) -> None:
        config = json.loads(args["model_config"])
        parameters = {name: value["string_value"] for name, value in config["parameters"].items()}
        on_gpu = args["model_instance_kind"] == "GPU"
        device = f"cuda:{args['model_instance_device_id']}" if on_gpu else "cpu"
        if not on_gpu:
            instances = sum(int(group.get("count", 1)) for group in config["instance_group"])
            cores = len(os.sched_getaffinity(0))
            torch.set_num_threads(int(parameters["threads"]) or max(1, cores // instances))
        dtype = parameters["dtype"]
        if dtype == "auto" and not on_gpu:
            dtype = "float32"  # most processors are slow at the half-precision types of checkpoints
        name = parameters["model"]
        model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype).to(device).eval()
        context = int(getattr(model.config, "max_position_embeddings", 0) or 2048)
        self._generator = BatchedGenerator(model, AutoTokenizer.from_pretrained(name), context)

    def answer(self, requests: list[Any]) -> None:
        """Answer requests; each answer goes through its response sender."""
        texts, prompts, answers = [], [], []
        for request in requests:
            answer = _Answer(request)
            try:
                text = answer.read()
                prompts.append(self._generator.encode(text.prompt))
            except (PromptTooLongError, ValueError, TypeError) as error:
                answer.fail(str(error))
            else:
                texts.append(text)
                answers.append(answer)
        if not texts:
            return
        try:
            rows = self._generator.generate(texts, prompts)
        except RuntimeError as error:  # torch's: out of memory, a failed kernel
            for answer in answers:
                answer.fail(f"The model failed: {error}")
            return
        for answer, row in zip(answers, rows, strict=True):
            answer.finish(row)


class _Answer:
    """The answer to one request."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._sender = request.get_response_sender()
        self._begin = time.monotonic()

    def read(self) -> TextRequest:
        """Return what the request asks for.

        Raises:
            ValueError, TypeError: It is not well formed.
        """
        sampling = json.loads(self._text("sampling_parameters") or "{}")
        known = {"temperature", "top_p", "max_tokens", "stop", "seed"}
        if sampling.keys() - known:
            raise ValueError(f"Unknown sampling parameters: {sorted(sampling.keys() - known)}.")
        stop = sampling.get("stop", ())
        microseconds = self._request.timeout()
        return TextRequest(
            prompt=self._text("text_input"),
            temperature=float(sampling.get("temperature", 1.0)),
            top_p=float(sampling.get("top_p", 1.0)),
            max_tokens=int(sampling.get("max_tokens", 16)),
            stop=(stop,) if isinstance(stop, str) else tuple(stop),
            seed=sampling.get("seed"),
            on_text=self._send_piece if self._flag("stream") else None,
            is_cancelled=self._sender.is_cancelled,
            deadline=self._begin + microseconds / 1e6 if microseconds else float("inf"),
        )

    def _text(self, name: str) -> str:
        values = self._values(name)
        if values is None:
            return ""
        if values.size != 1:
            raise ValueError(f"A request holds one prompt, and its {name} holds {values.size} texts.")
        return values.item().decode()

    def _flag(self, name: str) -> bool:
        values = self._values(name)
        return values is not None and bool(values.all())

    def _values(self, name: str) -> Any:
        tensor = triton.get_input_tensor_by_name(self._request, name)
        return None if tensor is None else tensor.as_numpy()

    def _send_piece(self, text: str, tokens: int) -> None:
        self._sender.send(self._response(text, tokens, "None", 0))

    def finish(self, row: Row) -> None:
        """Send the end of the text."""
        if row.finish_reason == "cancelled":
            self.fail("The request was cancelled.", triton.TritonError.CANCELLED)
        elif row.finish_reason == "timeout":
            self.fail("The request's time is up.", triton.TritonError.INTERNAL)
        else:
            text, tokens = row.rest()
            self._sender.send(
                self._response(text, tokens, row.finish_reason, row.input_tokens),
                flags=triton.TRITONSERVER_RESPONSE_COMPLETE_FINAL,
            )

    def fail(self, message: str, code: Any = None) -> None:
        """Send an error."""
        error = triton.TritonError(message, code or triton.TritonError.INVALID_ARG)
        self._sender.send(
            triton.InferenceResponse(error=error), flags=triton.TRITONSERVER_RESPONSE_COMPLETE_FINAL
        )

    def _response(self, text: str, tokens: int, finish_reason: str, input_tokens: int) -> Any:
        if not self._flag("exclude_input_in_output") and not self._flag("stream"):
            text = self._text("text_input") + text
        outputs = {
            "text_output": np.array([[text.encode()]], dtype=object),
            "finish_reason": np.array([[finish_reason.encode()]], dtype=object),
            "num_input_tokens": np.array([[input_tokens]], dtype=np.uint32),
            "num_output_tokens": np.array([[tokens]], dtype=np.uint32),
        }
        return triton.InferenceResponse([triton.Tensor(name, value) for name, value in outputs.items()])
