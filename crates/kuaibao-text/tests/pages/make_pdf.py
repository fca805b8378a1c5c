#!/usr/bin/env python3
"""Makes the PDF fixtures of this folder from the texts of make.py.

Needs `pip install typst reportlab` and the Debian package fonts-noto-cjk. Typst embeds the glyphs
that a page uses. ReportLab sets `cid.pdf` in a font that is not embedded, its characters known by a
predefined CMap alone, as older Chinese PDFs are.

columns.pdf    articles below and beside one another, in one, two and three columns
side.pdf       a headline that runs down the side of its article, a boxed article, a second page
unmarked.pdf   articles that nothing but the size of their headlines parts
turned.pdf     a page that is turned by its /Rotate, and a line that stands upright on it
cid.pdf        two columns in a font that is not embedded
vertical.pdf   columns that run downwards, from right to left
locked.pdf     encrypted with a password
scanned.pdf    a picture without text
"""
import pathlib

import typst
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.lib.pdfencrypt import StandardEncryption
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
#set text(font: "Noto Sans CJK SC", size: 9pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 5pt, spacing: 5pt)
#grid(columns: (1fr, 1fr), [云州日报], align(right)[2031年4月3日 星期四 第6版 要闻])
#line(length: 100%, stroke: 0.5pt)
{article(make.ROAD, 3, 150)}
#v(8pt)
#grid(columns: (2fr, 1fr), gutter: 18pt, [{article(make.LIBRARY, 2, 170)}], [{article(make.PORT, 1, 260)}])
"""
    compiled("columns.pdf", source)


def compiled(name, source):
    pdf = typst.compile(source.encode(), font_paths=["/usr/share/fonts/opentype/noto"])
    (HERE / name).write_bytes(pdf)


PAGE = """
#set page(width: 420pt, height: 594pt, margin: 24pt)
#set text(font: "Noto Sans CJK SC", size: 9pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 5pt, spacing: 5pt)
"""


def body(a):
    parts = [f"#block[{escaped(b)}]" for b in a["byline"]]
    return "\n\n".join(parts + [f"#par[#h(2em){escaped(p)}]" for p in a["paragraphs"]])


def side_pdf():
    stack = ", ".join(f"[{c}]" for c in make.SCHOOL["headline"][0])
    compiled("side.pdf", PAGE + f"""
云州日报 #h(1fr) 2031年4月3日 星期四 第6版
#grid(columns: (24pt, 1fr), gutter: 14pt,
  stack(dir: ttb, spacing: 8pt, ..({stack}).map(c => text(size: 18pt, c))),
  block(height: 120pt, columns(2, gutter: 14pt)[{body(make.SCHOOL)}]))
#v(16pt)
#rect(inset: 10pt, width: 60%)[#text(size: 16pt)[{escaped(make.PORT["headline"][0])}]

{body(make.PORT)}

（下转第七版）]
#pagebreak()
云州日报 #h(1fr) 2031年4月3日 星期四 第7版

#text(size: 20pt)[{escaped(make.ROAD["headline"][0])}]

#columns(2, gutter: 14pt)[{body(make.ROAD)}]
#v(1fr)
#align(center)[7]
""")


def unmarked_pdf():
    bus = dict(headline=["夜班公交"], paragraphs=make.LIBRARY["paragraphs"][1:3])
    parts = [
        f"#text(size: 16pt)[{escaped(a['headline'][0])}]\n\n" + body(dict(a, byline=[]))
        for a in (make.SCHOOL, bus, dict(make.PORT, paragraphs=make.PORT["paragraphs"][1:2]))
    ]
    compiled("unmarked.pdf", PAGE + "#columns(2, gutter: 14pt)[" + "\n\n#v(6pt)\n".join(parts) + "]")


def turned_pdf():
    compiled("turned.pdf", PAGE.replace("width: 420pt, height: 594pt", "width: 594pt, height: 420pt") + f"""
#rotate(90deg, reflow: true, block(width: 500pt)[
#text(size: 20pt)[{escaped(make.SCHOOL["headline"][0])}]

#columns(3, gutter: 14pt)[{body(make.SCHOOL)}]
])
#place(bottom + right, text(size: 7pt)[责任编辑：方同])
""")


def vertical_pdf():
    font = UnicodeCIDFont("STSong-Light", isVertical=True)
    pdfmetrics.registerFont(font)
    canvas = Canvas(str(HERE / "vertical.pdf"), pagesize=A4, pageCompression=1, invariant=1)
    width, height = A4
    x = width - 60
    for size, lines in [(24, make.SCHOOL["headline"]), (10, make.body(make.SCHOOL, 20, indent="kept"))]:
        canvas.setFont(font.fontName, size)
        for line in lines:
            y = height - 60 - (2 * size if line.startswith("　　") else 0)
            canvas.drawString(x, y, line.lstrip("　"))
            x -= size * 1.6
    canvas.save()


def unreadable_pdfs():
    canvas = Canvas(
        str(HERE / "locked.pdf"), pageCompression=1, invariant=1, encrypt=StandardEncryption("secret")
    )
    canvas.drawString(40, 700, "locked")
    canvas.save()
    canvas = Canvas(str(HERE / "scanned.pdf"), pageCompression=1, invariant=1)
    canvas.rect(40, 40, 400, 700, fill=1)
    canvas.save()


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
    side_pdf()
    unmarked_pdf()
    turned_pdf()
    cid_pdf()
    vertical_pdf()
    unreadable_pdfs()
