#!/usr/bin/env python3
"""Asks another recogniser who is named in sentences: the second opinion that `fit_tagger.py` weighs.

    pip install "setuptools<70" wheel "numpy<2" paddlepaddle==2.6.2
    pip install --no-build-isolation --no-deps LAC==2.1.2
    second_names.py LABELS > labels-2.tsv

LABELS are what `label_names.py` writes. The recogniser is LAC (Jiao, Sun & Sun, "Chinese Lexical Analysis with Deep
Bi-GRU-CRF Network", 2018; Apache-2.0), whose package holds its model. Each line gets two more columns: what it
takes for people, and what it takes for places, bodies and works, as ranges of characters.
"""
import sys
import types

import paddle
import paddle.inference


class Config:
    """LAC was written for an interface that Paddle has dropped."""

    def __init__(self, folder):
        self.config = paddle.inference.Config(folder)
        self.config.disable_glog_info()
        self.config.disable_mkldnn()
        self.config.switch_ir_optim(False)

    def disable_glog_info(self):
        pass


class Tensor:
    def __init__(self, values):
        self.values = values


class Output:
    def __init__(self, handle):
        self.lod, self.values, self.data = handle.lod(), handle.copy_to_cpu(), self

    def int64_data(self):
        return self.values.reshape(-1).tolist()


class Predictor:
    def __init__(self, config):
        self.predictor = paddle.inference.create_predictor(config.config)

    def run(self, tensors):
        handle = self.predictor.get_input_handle(self.predictor.get_input_names()[0])
        handle.reshape([tensors[0].lod[0][-1], 1])
        handle.copy_from_cpu(tensors[0].values.reshape(-1, 1))
        handle.set_lod(tensors[0].lod)
        self.predictor.run()
        return [Output(self.predictor.get_output_handle(name)) for name in self.predictor.get_output_names()]


def main(path):
    core = types.ModuleType("paddle.fluid.core")
    core.PaddleTensor, core.AnalysisConfig, core.create_paddle_predictor = Tensor, Config, Predictor
    fluid = types.ModuleType("paddle.fluid")
    fluid.core, fluid.CPUPlace = core, paddle.CPUPlace
    fluid.Executor, fluid.is_compiled_with_cuda = lambda place: None, lambda: False
    sys.modules["paddle.fluid"], sys.modules["paddle.fluid.core"], paddle.fluid = fluid, core, fluid
    from LAC import LAC

    lac = LAC(mode="lac")
    rows = sorted((line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")), key=lambda row: len(row[0]))
    for start in range(0, len(rows), 128):
        part = rows[start:start + 128]
        for row, (words, tags) in zip(part, lac.run([row[0] for row in part])):
            at, people, others = 0, [], []
            for word, tag in zip(words, tags):
                kind = people if tag == "PER" else others if tag in ("LOC", "ORG", "nw") else []
                kind.append(f"{at}-{at + len(word)}")
                at += len(word)
            print(*row, ";".join(people) or "-", ";".join(others) or "-", sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
