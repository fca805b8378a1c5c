#!/usr/bin/env python3
"""Makes the PDF fixtures of this folder from the texts of make.py.

Needs `pip install typst reportlab` and the Debian package fonts-noto-cjk. `columns.pdf` is set by
Typst with an embedded font; `cid.pdf` by ReportLab in a font that is not embedded, its characters
known by a predefined CMap alone, as older Chinese PDFs are.
"""
import pathlib

import typst
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

import make

HERE = pathlib.Path(__file__).parent


def escaped(text):
    return "".join("\\" + c if c in "\\#*_`$<>@[]~=/-+\"'" else c for c in text)


def article(a, columns, height):
    parts = ["#block(spacing: 6pt)[" + "\n\n".join(
        [f"#text(size: 11pt)[{escaped(k)}]" for k in a["kicker"]]
        + [f"#text(size: 20pt, weight: \"bold\")[{escaped(h)}]" for h in a["headline"]]
        + ([f"#text(size: 11pt)[{escaped(a['subheadline'])}]"] if "subheadline" in a else [])
    ) + "]", f"#block(height: {height}pt)[#columns({columns}, gutter: 14pt)["]
    parts += [f"#block[{escaped(b)}]" for b in a["byline"]]
    for i, paragraph in enumerate(a["paragraphs"]):
        if i in a.get("subheads", {}):
            parts.append(f"#block(spacing: 8pt)[#text(weight: \"bold\", size: 10pt)[{escaped(a['subheads'][i])}]]")
        parts.append(f"#par[#h(2em){escaped(paragraph)}]")
    parts.append("]]")
    if "caption" in a:
        parts.append(f"#block[#text(size: 7pt)[{escaped(a['caption'])} {escaped(a['credit'])}]]")
    return "\n\n".join(parts)


def columns_pdf():
    source = f"""
#set page(width: 420pt, height: 594pt, margin: 24pt)
#set text(font: "Noto Serif CJK SC", size: 9pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 5pt, spacing: 5pt)
#grid(columns: (1fr, 1fr), [云州日报], align(right)[2031年4月3日 星期四 第6版 要闻])
#line(length: 100%, stroke: 0.5pt)
{article(make.ROAD, 3, 150)}
#v(8pt)
#grid(columns: (2fr, 1fr), gutter: 18pt, [{article(make.LIBRARY, 2, 170)}], [{article(make.PORT, 1, 260)}])
"""
    pdf = typst.compile(source.encode(), font_paths=["/usr/share/fonts/opentype/noto"])
    (HERE / "columns.pdf").write_bytes(pdf)


def cid_pdf():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(HERE / "cid.pdf"), pagesize=A4, pageCompression=1, invariant=1)
    width, height = A4

    def lines(x, y, size, texts):
        for text in texts:
            canvas.setFont("STSong-Light", size)
            canvas.drawString(x + (2 * size if text.startswith("　　") else 0), y, text.lstrip("　"))
            y -= size * 1.5
        return y

    lines(40, height - 40, 10, ["2031年4月3日 星期四  第6版"])
    y = lines(40, height - 80, 22, make.SCHOOL["headline"])
    y = lines(40, y, 10, make.SCHOOL["byline"])
    body = make.body(make.SCHOOL, 16, indent="kept")
    half = len(body) // 2
    lines(40, y, 10, body[:half])
    lines(40 + 16 * 10 + 16, y, 10, body[half:])
    y = lines(40, height - 360, 22, make.PORT["headline"])
    y = lines(40, y, 10, make.PORT["byline"])
    lines(40, y, 10, make.body(make.PORT, 34, indent="kept"))
    canvas.save()


if __name__ == "__main__":
    columns_pdf()
    cid_pdf()
