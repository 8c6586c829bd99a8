"""NVIDIA Triton Inference Server as a language model."""
