"""Makes fuzz/corpus: a few small inputs a target, of our own, that reach what is behind the magic numbers.

    python3 fuzz/make_corpus.py

What a run of the fuzzer finds beyond them lies in fuzz/work, which is not kept; an input that broke
something is put into fuzz/corpus by hand, under the name of what it broke.
"""

import io
import json
import struct
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "tests" / "fixtures"
PAGES = HERE.parent / "crates" / "kuaibao-text" / "tests" / "pages"

PAGE = """\
青河县今年新修公路三百公里
——山里人的致富路

　　本报讯 （记者 何穗 通讯员 周文）7月14日，青河县交通局局长周文远介绍，今年全县新修公路300公里，总投资2.4亿元，比去年增长15%。
　　“路通了，茶叶当天就能运到城里。”村民马长顺说。（下转第三版）

又讯 何家镇至北山村的公路于2026年3月开工，约5至6万人受益。
□本报记者 高若兰 文/图
"""

HTML = """\
<!DOCTYPE html><html><head><meta charset="utf-8"><title>云州港开港 - 云州日报</title>
<meta property="article:published_time" content="2026-03-17"></head><body><nav><a href="/">首页</a></nav>
<article><h1>云州港开港</h1><p>本报讯&nbsp;（记者 何穗）云州港3月17日开港，总投资128.6亿元。</p>
<!-- 广告 --><table><tr><td>泊位</td><td>6个</td></tr></table><p>首年吞吐量 &#52;00万吨 &lt; 500万吨。</p>
<script>var a = "<p>";</script><pre>a &amp; b</pre></article></body></html>
"""

DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>云州港开港</w:t></w:r></w:p><w:p><w:r><w:t xml:space="preserve">本报讯 </w:t>
</w:r><w:r><w:tab/><w:t>总投资128.6亿元。</w:t><w:br/></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>6个</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>
"""

SPLIT = {
    "schema": "kuaibao.split/1", "source": "a/page.txt", "encoding": "UTF-8", "paper": "云州日报", "date": "2026-03-17",
    "articles": [{
        "id": "1", "headline": "云州港开港", "subheadline": "——二期开工", "kicker": ["要闻"], "byline": ["何穗"],
        "dateline": "云州3月17日电", "paragraphs": ["云州港昨日开港。", "总投资128.6亿元。"],
        "subheads": [{"before": 1, "text": "六个泊位"}], "captions": ["港口全景。"], "follow_up": False,
        "confidence": 0.9, "continued": {"from": "1", "to": None},
    }],
    "dropped": [{"text": "□本报记者", "reason": "label"}],
}

FIGURES = """\
3000个以上，1至6月完成投资四十五亿三千万元，同比增长15.3个百分点
2025年7月24日—25日；上世纪90年代末；今年前三季度；去年同期的2.5倍；约三成；第十四届六次全会
气温零下3℃至5℃，5:30开幕，3比2取胜，百分之二十，1/3，8点半，十几万亩，9.6万余名，US$3 billion in 1998
"""

CHECK = [
    "总投资90亿元，比去年增长15%。\nInvestment was 90 billion yuan, down 15 percent on the year.",
    "7月24日，省委书记王浩在台州市调研，没有发现问题。\nOn 25 July, Wang Chen of Taiwan found 3 problems in Taizhou.",
]

GLOSSARY = "云州港\tPort of Yunzhou\n青河县\tQinghe County\t清河 County\n# a comment\n"
GLOSSARY_TOML = '[[term]]\nzh = "云州港"\nen = "Port of Yunzhou"\nalternatives = ["Yunzhou port"]\n'


def varint(n: int) -> bytes:
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def gguf() -> bytes:
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 3)
    head += text("general.alignment") + struct.pack("<II", 4, 8)
    head += text("general.name") + struct.pack("<I", 8) + text("t5")
    head += text("tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b")
    head += text("shared.weight") + struct.pack("<IQQIQ", 2, 32, 2, 8, 0)
    head += text("encoder.final_layer_norm.weight") + struct.pack("<IQIQ", 1, 4, 0, 72)
    head += b"\0" * (-len(head) % 8)
    return head + bytes(range(68)) + b"\0" * 4 + struct.pack("<4f", 1, 2, 3, 4)


def safetensors() -> bytes:
    header = {
        "__metadata__": {"format": "pt"},
        "model.shared.weight": {"dtype": "F16", "shape": [4, 2], "data_offsets": [0, 16]},
        "final_logits_bias": {"dtype": "F32", "shape": [1, 4], "data_offsets": [16, 32]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(32)


MARIAN = """\
type: transformer
dim-emb: 4
dim-vocabs: [8, 8]
enc-depth: 1
dec-depth: 1
transformer-heads: 1
transformer-dim-ffn: 8
transformer-decoder-autoreg: rnn
dec-cell: ssru
tied-embeddings-all: true
transformer-preprocess: ""
transformer-postprocess: dan
transformer-ffn-activation: relu
version: v1.9.0
"""


def marian_bin() -> bytes:
    config = MARIAN.encode() + b"\0"
    items = [
        ("special:model.yml", 0x0101, [len(config)], config),
        ("Wemb", 0x4101, [8, 4], bytes(range(32)) + struct.pack("<f", 100)),
        ("encoder_l1_self_Wq", 0x0404, [4, 4], struct.pack("<16f", *range(16))),
        ("decoder_ff_logit_out_b", 0x0404, [1, 8], bytes(32)),
    ]
    names = [name.encode() + b"\0" for name, *_ in items]
    blocks = [data + b"\0" * (-len(data) % 16) for *_, data in items]
    out = struct.pack("<QQ", 1, len(items))
    for name, (_, kind, shape, _), block in zip(names, items, blocks):
        out += struct.pack("<4Q", len(name), kind, len(shape), len(block))
    out += b"".join(names)
    for _, _, shape, _ in items:
        out += struct.pack(f"<{len(shape)}i", *shape)
    gap = -(len(out) + 8) % 16
    return out + struct.pack("<Q", gap) + b"\0" * gap + b"".join(blocks)


def npy(kind: str, shape: str, data: bytes) -> bytes:
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 16) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def npz() -> dict[str, bytes]:
    config = MARIAN.encode() + b"\0"
    arrays = {
        "special:model.yml.npy": npy("|i1", f"({len(config)},)", config),
        "Wemb.npy": npy("<f4", "(8, 4)", bytes(128)),
        "encoder_l1_self_Wq.npy": npy("<f2", "(4, 4)", bytes(32)),
    }
    return {"stored": zipped(arrays), "deflated": zipped(arrays, zipfile.ZIP_DEFLATED)}


def shortlist() -> bytes:
    """What follows the magic number and the checksum, which the target adds."""
    starts, targets = [0, 2, 3, 3], [5, 7, 1]
    body = struct.pack("<4Q", 4, 2, len(starts), len(targets))
    return body + struct.pack(f"<{len(starts)}Q", *starts) + struct.pack(f"<{len(targets)}I", *targets)


def pieces() -> bytes:
    """A SentencePiece model of a few pieces (sentencepiece_model.proto)."""
    message = lambda field, data: varint(field << 3 | 2) + varint(len(data)) + data
    out = b""
    for kind, piece in [(2, "<unk>"), (3, "<s>"), (3, "</s>"), (1, "▁"), (1, "云"), (1, "云州"), (1, "港"), (6, "<0x41>")]:
        body = message(1, piece.encode()) + b"\x15" + struct.pack("<f", -1.5) + b"\x18" + varint(kind)
        out += message(1, body)
    return out + message(2, b"\x18\x01" + b"\x20" + varint(8)) + message(3, message(1, b"identity") + b"\x18\x01")


def corpus() -> dict[str, dict[str, bytes]]:
    def files(folder: Path, *names: str) -> dict[str, bytes]:
        return {name.replace("/", "-"): (folder / name).read_bytes() for name in names}

    config = files(FIXTURES / "families", "bart/config.json", "t5/config.json", "nllb/config.json", "pegasus/config.json")
    config |= files(FIXTURES / "marian-tiny", "config.json", "generation_config.json")
    pieces_files = files(FIXTURES / "sentencepiece", "bpe/spiece.model", "spaces-behind/spiece.model")
    text = {
        "utf8": PAGE.encode(), "gb18030": PAGE.encode("gb18030"), "utf16": PAGE.encode("utf-16"),
        "big5": "青河縣今年新修公路三百公里，總投資2.4億元。\n".encode("big5"),
        "columns": (PAGES / "narrow-double.txt").read_bytes(), "plain": (PAGES / "clean.txt").read_bytes(),
    }
    return {
        "text": text,
        "markdown": {"page": ("# 云州港开港\n\n**本报讯** 总投资[128.6亿元](x)。\n\n| a | 6个 |\n|---|---|\n\n> 引\n" + PAGE).encode()},
        "html": {"page": HTML.encode(), "gbk": HTML.replace("utf-8", "gbk").encode("gbk")},
        "docx": {"document": DOCUMENT.encode(), "file": zipped({"word/document.xml": DOCUMENT.encode()}, zipfile.ZIP_DEFLATED)},
        "pdf": files(PAGES, "cid.pdf", "locked.pdf", "scanned.pdf", "vertical.pdf"),
        "split-json": {"record": json.dumps(SPLIT, ensure_ascii=False).encode()},
        "jsonl": {"title": ("青河县新修公路\0" + PAGE).encode(), "none": ("\0" + PAGE).encode()},
        "figures": {"lines": FIGURES.encode(), "page": PAGE.encode()},
        "check": {str(i): pair.encode() for i, pair in enumerate(CHECK)},
        "glossary": {"tsv": GLOSSARY.encode(), "toml": GLOSSARY_TOML.encode()},
        "config": config,
        "spm": {"made": pieces()} | pieces_files,
        "tokenizer-json": files(FIXTURES / "families", "t5-json/tokenizer.json", "bart-json/tokenizer.json"),
        "pickle": files(FIXTURES / "torch", "legacy.bin", "legacy-protocol-5.bin", "zip.bin", "zip-protocol-4.bin"),
        "gguf": {"made": gguf()},
        "safetensors": {"made": safetensors()},
        "marian": {"made": marian_bin()},
        "npz": npz(),
        "shortlist": {"made": shortlist()},
    }


def main() -> None:
    for target, inputs in corpus().items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
