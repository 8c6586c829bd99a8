"""Writes a GGUF file's Q4_1 tensors as Q4_0 (the formats are ggml's; see ggml-quants.c)."""

from __future__ import annotations

from pathlib import Path

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

_SLOW, _FAST = GGMLQuantizationType.Q4_1, GGMLQuantizationType.Q4_0


def has_q4_1(reader: GGUFReader) -> bool:
    """Return whether a GGUF file holds Q4_1 tensors."""
    return any(tensor.tensor_type == _SLOW for tensor in reader.tensors)


def write_as_q4_0(reader: GGUFReader, target: Path) -> None:
    """Copy a GGUF file, its Q4_1 tensors rounded to Q4_0; everything else stays as it is."""
    writer = GGUFWriter(target, arch=reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue  # the writer's own
        kind = field.types[0]
        element = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=element)
    for tensor in reader.tensors:
        slow = tensor.tensor_type == _SLOW
        data = quantize(dequantize(tensor.data, _SLOW), _FAST) if slow else tensor.data
        writer.add_tensor(tensor.name, data, raw_dtype=_FAST if slow else tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
