#!/usr/bin/env python3
"""Makes a `small` model that translates nearly as a `tiny` one does: where to begin instead of random weights.

    python training/widen.py TINY SMALL          # folders in Hugging Face layout

Net2Net (Chen et al. 2015, https://arxiv.org/abs/1511.05641): each hidden unit is doubled and what its copies send on is
shared between them, at random, so that they part while training. Positions are the exception: of the sinusoids of the
wider model every second one is one of the narrower. Needs torch, safetensors, sentencepiece.
"""

import sys
from pathlib import Path

import torch
from model import SIZES, Marian
from pairs import Vocabulary
from safetensors.torch import load_file


def widened(old, vocabulary):
    torch.manual_seed(1)
    (d, ffn, *_), (wide, wide_ffn, *_) = SIZES["tiny"], SIZES["small"]
    head = d // SIZES["tiny"][4]
    half = torch.arange(wide) // (wide // 2) * (d // 2)
    hidden = half + torch.arange(wide) % (wide // 2) // 2  # sines, then cosines: each frequency twice
    heads = torch.arange(wide) // (2 * head) * head + torch.arange(wide) % head
    units = torch.cat([torch.arange(ffn), torch.arange(wide_ffn - ffn)])

    def linear(weight, outputs, inputs):
        """`weight` with its outputs and inputs copied; the copies of an input share what it had."""
        made = weight[outputs][:, inputs]
        shares = 0.5 + torch.rand(made.shape)
        total = torch.zeros(len(made), int(inputs.max()) + 1).index_add_(1, inputs, shares)
        return made * shares / total[:, inputs]

    kinds = {"q_proj": (heads, hidden), "k_proj": (heads, hidden), "v_proj": (heads, hidden), "out_proj": (hidden, heads), "fc1": (units, hidden), "fc2": (hidden, units)}
    model = Marian("small", vocabulary)
    with torch.no_grad():
        for name, tensor in model.tensors():
            was = old[name].float()
            part = name.split(".")[-2]
            if name == "model.shared.weight":
                tensor.copy_(was[:, hidden] / (wide / d) ** 0.5)
            elif part in kinds:
                outputs, inputs = kinds[part]
                tensor.copy_(linear(was, outputs, inputs) if was.dim() == 2 else was[outputs])
            else:
                tensor.copy_(was[hidden])
        last = model.decoder[-1].norm  # twice as many terms in each score
        last.weight.div_((wide / d) ** 0.5)
        last.bias.div_((wide / d) ** 0.5)
    return model


if __name__ == "__main__":
    sys.argv[2:] or sys.exit(__doc__)
    vocabulary = Vocabulary(sys.argv[1])
    model = widened(load_file(Path(sys.argv[1]) / "model.safetensors"), vocabulary)
    model.save(Path(sys.argv[2]), vocabulary)
