"""NVIDIA Triton Inference Server as a language model: LangChain classes and model-repository tools."""

from elm_triton.chat import ChatTriton
from elm_triton.entry_point import triton_model
from elm_triton.failures import TritonError, TritonTimeoutError, TritonUnavailableError
from elm_triton.llm import TritonLLM

__all__ = [
    "ChatTriton",
    "TritonError",
    "TritonLLM",
    "TritonTimeoutError",
    "TritonUnavailableError",
    "triton_model",
]
