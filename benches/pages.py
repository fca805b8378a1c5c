#!/usr/bin/env python3
"""Typeset pages and pages of news sites with their gold, and how a program splits them.

    pages.py make FOLDER [--texts FILE] [--seeds FIRST:LAST] [--kinds chromium,typst,site]
    pages.py score FOLDER KUAIBAO…

`make` sets texts (by default our own, crates/kuaibao-text/tests/pages/articles.json) as newspaper pages
by two engines, Chromium and Typst (`pip install typst`; fonts-noto-cjk), and as pages of news sites
after the patterns of common content management systems; beside each page stands `NAME.gold.json`.
`score` prints a row for each kind and each program. The text pages of
`KUAIBAO_MADE_PAGES=FOLDER cargo test -p kuaibao-text --test habits` are scored by it too.
"""
import argparse
import collections
import html
import json
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS = ROOT / "crates/kuaibao-text/tests/pages/articles.json"
SURNAMES = "陆何林周许温秦顾叶陶傅颜季尚穆萧丁谭"
GIVEN = "明 晓舟 远 以宁 安平 岭 砚 长亭 青 静 建平 若冰 一夫 海波 小满 望舒".split()
PAPERS = "云州日报 北陵晚报 澜江时报 东屿商报 青禾都市报".split()
SITES = "云州新闻网 北陵在线 澜江网 东屿观察".split()
SUBHEADS = "一盏灯背后的账本 路通了，人回来了 难在哪里 补上短板 算清三笔账 数字里的变化 下一步怎么走 一、总体情况".split()


def name(dice):
    return dice.choice(SURNAMES) + dice.choice(GIVEN)


def chosen(texts, dice, count):
    """Articles with bylines and subheads, and what should be found of them."""
    made = []
    for text in dice.sample(texts, count):
        names = [name(dice) for _ in range(dice.choice([1, 1, 2]))]
        subheads = {}
        if len(text["paragraphs"]) >= 4 and dice.random() < 0.5:
            subheads = {2: dice.choice(SUBHEADS)}
        made.append(
            dict(
                headline=text["headline"],
                kicker=[text["kicker"]] if text.get("kicker") else [],
                subheadline=text.get("subheadline"),
                byline=names,
                paragraphs=text["paragraphs"],
                subheads=subheads,
            )
        )
    return made


def gold(articles, **more):
    keep = "headline kicker subheadline byline paragraphs".split()
    return dict(articles=[{k: a[k] for k in keep} for a in articles], **more)


# --- newspaper pages ---------------------------------------------------------------------------


def plan(texts, dice):
    """What stands where on two pages: stacks of articles beside one another, a box, a jump pair."""
    articles = chosen(texts, dice, 4 if dice.random() < 0.5 else 3)
    jump = dice.random() < 0.4 and len(articles[0]["paragraphs"]) > 3
    parts = [dict(a, columns=dice.choice([2, 3, 4]), box=False, jump=None, rest=None) for a in articles]
    pages = [parts, []]
    if jump:
        cut = len(articles[0]["paragraphs"]) - dice.choice([1, 2])
        rest = dict(parts[0], paragraphs=parts[0]["paragraphs"][cut:], subheads={}, rest="（上接01版）")
        parts[0] = dict(parts[0], paragraphs=parts[0]["paragraphs"][:cut], jump="（下转02版）")
        pages[0], pages[1] = parts[:-1], [rest, parts[-1]]
        pages[0][0] = parts[0]
    if len(pages[0]) > 2 and dice.random() < 0.5:
        short = min(range(1, len(pages[0])), key=lambda i: sum(map(len, pages[0][i]["paragraphs"])))
        pages[0][short] = dict(pages[0][short], box=True, columns=dice.choice([1, 2]))
    look = dict(
        side_by_side=dice.random() < 0.4,
        rules=dice.random() < 0.5,
        size=dice.choice([9, 10, 10.5]),
        serif=dice.random() < 0.7,
        squeezed=dice.random() < 0.5,
        paper=dice.choice(PAPERS),
        head=dice.choice(["bar", "edges", "foot"]),
        spaced=dice.random() < 0.2,
        label=dice.choice(["本报记者 ", "□本报记者 ", "本报记者　", "{}记者 "]),
    )
    look["label"] = look["label"].format(look["paper"])
    # The order in which a page is read.
    return [p for p in pages if p], look, articles


def html_of(pages, look):
    family = "Noto Serif CJK SC" if look["serif"] else "Noto Sans CJK SC"
    size = look["size"]
    trim = "normal" if look["squeezed"] else "space-all"
    style = f"""
@page {{ size: 297mm 420mm; margin: 0 }}
* {{ box-sizing: border-box }}
body {{ margin: 0; font: {size}pt/1.55 '{family}'; text-spacing-trim: {trim} }}
.page {{ width: 297mm; height: 419mm; padding: 24mm 14mm 16mm; position: relative; break-after: page; overflow: hidden }}
.head {{ position: absolute; top: 9mm; left: 14mm; right: 14mm; display: flex; justify-content: space-between; border-bottom: .6pt solid #000 }}
.foot {{ position: absolute; bottom: 6mm; left: 0; right: 0; text-align: center }}
.body {{ column-gap: 2.2em; text-align: justify; {"column-rule: .4pt solid #888;" if look["rules"] else ""} }}
.two {{ display: flex; gap: 8mm }} .two > div {{ flex: 1; {"border-left: .4pt solid #666; padding-left: 4mm" if look["rules"] else ""} }}
.article {{ margin-bottom: 8mm }} .box {{ border: 1pt solid #000; padding: 4mm }}
h1 {{ font-size: 2.3em; line-height: 1.25; margin: 0 0 .2em; {"letter-spacing: .35em" if look["spaced"] else ""} }}
.kicker {{ font-size: 1.25em }} .sub {{ font-size: 1.3em; margin-bottom: .3em }}
p {{ margin: 0; text-indent: 2em }} .by {{ margin: .2em 0 }}
h3 {{ margin: 0; font-size: 1em; text-align: center; line-height: 1.55 }}
"""
    out = [f"<!doctype html><meta charset=utf-8><title>page</title><style>{style}</style>"]
    e = html.escape

    def article(a):
        bits = [f"<div class='article{' box' if a['box'] else ''}'>"]
        if a["rest"]:
            bits.append(f"<p>{a['rest']}</p>")
        else:
            bits += [f"<div class=kicker>{e(k)}</div>" for k in a["kicker"]]
            bits.append(f"<h1>{e(a['headline'])}</h1>")
            if a["subheadline"]:
                bits.append(f"<div class=sub>{e(a['subheadline'])}</div>")
            bits.append(f"<div class=by>{look['label']}{' '.join(a['byline'])}</div>")
        bits.append(f"<div class=body style='column-count:{a['columns']}'>")
        for i, p in enumerate(a["paragraphs"]):
            if i in a["subheads"]:
                bits.append(f"<h3>{e(a['subheads'][i])}</h3>")
            bits.append(f"<p>{e(p)}</p>")
        if a["jump"]:
            bits.append(f"<p>{a['jump']}</p>")
        return "".join(bits) + "</div></div>"

    for number, parts in enumerate(pages, 1):
        date = "2031年4月3日 星期四"
        head = f"<div class=head><span>{look['paper']}</span><span>{date}</span><span>第{number:02}版 要闻</span></div>"
        foot = f"<div class=foot>— {number} —</div>" if look["head"] != "bar" else ""
        if look["head"] == "foot":
            head = ""
            foot = f"<div class=foot>{look['paper']}　{date}　第{number:02}版</div>"
        out.append(f"<div class=page>{head}{foot}")
        if look["side_by_side"] and len(parts) > 2:
            half = len(parts) // 2
            for part in parts:
                part["columns"] = min(part["columns"], 2)
            left, right = parts[:half], parts[half:]
            out.append("<div class=two><div>" + "".join(map(article, left)) + "</div><div>")
            out.append("".join(map(article, right)) + "</div></div>")
        else:
            out += map(article, parts)
        out.append("</div>")
    return "\n".join(out)


def typst_of(pages, look):
    family = "Noto Serif CJK SC" if look["serif"] else "Noto Sans CJK SC"
    size = look["size"]
    e = lambda t: re.sub(r"([\\#$*_`<>@\[\]~/=+-])", r"\\\1", t)
    rule = "0.4pt + gray" if look["rules"] else "none"
    date = "2031年4月3日 星期四"
    head = f"grid(columns: (1fr, 1fr, 1fr), [{look['paper']}], align(center)[{date}], align(right)[第#context counter(page).display(\"01\")版 要闻])"
    foot = 'align(center)[— #context counter(page).display() —]'
    header, footer = {"bar": (head, "none"), "edges": (head, foot), "foot": ("none", head)}[look["head"]]
    out = [
        f"""#set page(width: 297mm, height: 420mm, margin: (x: 14mm, top: 24mm, bottom: 18mm), header: {header}, footer: {footer})
#set text(font: "{family}", size: {size}pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 0.62em, spacing: 0.62em, first-line-indent: (amount: 2em, all: true))
#let plain(body) = par(first-line-indent: 0em, justify: false, body)
#let sub(body) = align(center, plain(text(weight: "bold", body)))
"""
    ]

    def article(a):
        bits = []
        if a["rest"]:
            bits.append(f"#plain[{a['rest']}]")
        else:
            bits += [f"#plain(text(size: 1.25em)[{e(k)}])" for k in a["kicker"]]
            tracking = "0.35em" if look["spaced"] else "0pt"
            bits.append(f"#plain(text(size: 2.3em, weight: \"bold\", tracking: {tracking})[{e(a['headline'])}])")
            if a["subheadline"]:
                bits.append(f"#plain(text(size: 1.3em)[{e(a['subheadline'])}])")
            bits.append(f"#plain[{look['label']}{' '.join(a['byline'])}]")
        # Typst's columns do not balance: they fill a height that holds the text.
        chars = sum(len(p) + 6 for p in a["paragraphs"]) + 30 * len(a["subheads"])
        width = a["width"] / a["columns"] - 3
        lines = chars / (width / (size * 0.3528)) / a["columns"] + 3 + 0.7 * len(a["paragraphs"]) / a["columns"]
        body = []
        for i, p in enumerate(a["paragraphs"]):
            if i in a["subheads"]:
                body.append(f"#sub[{e(a['subheads'][i])}]")
            body.append(e(p))
        if a["jump"]:
            body.append(a["jump"])
        height = lines * size * 1.62 * 0.3528 * 1.15
        bits.append(f"#block(height: {height:.1f}mm)[#columns({a['columns']}, gutter: 2.2em)[\n" + "\n\n".join(body) + "\n]]")
        whole = "\n".join(bits)
        stroke = "1pt" if a["box"] else "none"
        inset = "4mm" if a["box"] else "0mm"
        return f"#block(width: 100%, stroke: {stroke}, inset: {inset})[\n{whole}\n]\n#v(4mm)\n"

    for number, parts in enumerate(pages):
        if number:
            out.append("#pagebreak()")
        beside = look["side_by_side"] and len(parts) > 2
        for part in parts:
            part["width"] = 130 if beside else 269
            if beside:
                part["columns"] = min(part["columns"], 2)
        if beside:
            half = len(parts) // 2
            left, right = "".join(map(article, parts[:half])), "".join(map(article, parts[half:]))
            out.append(f"#grid(columns: (1fr, 1fr), gutter: 8mm, stroke: (x, y) => if x > 0 {{ (left: {rule}) }}, inset: (x: 2mm), [{left}], [{right}])")
        else:
            out += map(article, parts)
    return "\n".join(out)


def make_newspaper(kind, texts, seed, folder):
    dice = random.Random(f"{kind}-{seed}")
    pages, look, articles = plan(texts, dice)
    base = folder / f"{kind}-{seed}"
    if kind == "chromium":
        source = base.with_suffix(".src")
        source.with_suffix(".tmp.html").write_text(html_of(pages, look), encoding="utf-8")
        page = source.with_suffix(".tmp.html")
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
             f"--print-to-pdf={base}.pdf", page.resolve().as_uri()],
            check=True, capture_output=True, timeout=180,
        )
        page.unlink()
    else:
        import typst

        pathlib.Path(f"{base}.pdf").write_bytes(
            typst.compile(typst_of(pages, look).encode(), font_paths=["/usr/share/fonts/opentype/noto"])
        )
    made = gold(articles, date="2031-04-03", paper=look["paper"], look=look)
    pathlib.Path(f"{base}.gold.json").write_text(json.dumps(made, ensure_ascii=False, indent=1))


# --- news sites -------------------------------------------------------------------------------


def site_of(a, others, dice):
    """A page of a news site: where it says its headline, date and author, and what is around them."""
    e = html.escape
    site = dice.choice(SITES)
    y, m, d = 2031, dice.randint(1, 12), dice.randint(1, 28)
    clock = f"{dice.randint(6, 22):02}:{dice.randint(0, 59):02}"
    iso = f"{y}-{m:02}-{d:02}"
    names = " ".join(a["byline"])
    channel = dice.choice(["要闻", "民生", "财经", "社会"])
    suffix = dice.choice([f"_{site}", f" - {site}", f"-{channel}-{site}", f"_{channel}_{site}", f"｜{site}", ""])
    meta = [f"<title>{e(a['headline'])}{suffix}</title>", "<meta charset=utf-8>"]
    where = dice.sample(["ld", "og", "pubdate", "time", "line"], 2) + (["line"] if dice.random() < 0.6 else [])
    if "ld" in where:
        ld = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": a["headline"],
              "datePublished": f"{iso}T{clock}:00+08:00", "author": [{"@type": "Person", "name": n} for n in a["byline"]],
              "publisher": {"@type": "Organization", "name": site}}
        meta.append(f"<script type='application/ld+json'>{json.dumps(ld, ensure_ascii=False)}</script>")
    if "og" in where:
        meta += [f"<meta property='og:title' content='{e(a['headline'])}'>",
                 f"<meta property='article:published_time' content='{iso}T{clock}:00+08:00'>"]
    if "pubdate" in where:
        meta += [f"<meta name='{dice.choice(['pubdate', 'publishdate', 'PubDate'])}' content='{iso} {clock}:12'>",
                 f"<meta name='author' content='{names}'>"]
    shown = dice.choice([f"{y}年{m:02}月{d:02}日 {clock}", f"{iso} {clock}:21", f"{y}/{m:02}/{d:02} {clock}", f"{y}年{m}月{d}日{clock}"])
    line = dice.choice([
        f"<div class=info><span>{shown}</span> <span>来源：{site}</span> <span>作者：{names}</span></div>",
        f"<div class=source>来源：<a href='/'>{site}</a>　{shown}　<span>责任编辑：{name(dice)}</span></div>",
        f"<p class=about>{shown}　{site}　记者 {names}</p>",
        f"<div><em>{shown}</em><i>|</i><em>来源：{site}</em><i>|</i><em>字号：<a>大</a><a>中</a><a>小</a></em></div>",
        f"<div class=pages-date>{shown} <span class=font>来源： {site}</span><div class=pages_print>【字体：<span>大</span> <span>中</span> <span>小</span>】 <span>打印</span></div></div>",
    ])
    if "time" in where:
        line = f"<time datetime='{iso}T{clock}'>{shown}</time>" + (line if "line" in where else "")
    elif "line" not in where:
        line = ""
    author_said = "作者" in line or "记者" in line
    label = dice.choice(["", f"<p>本报记者 {names}</p>", f"<p>　　本报讯（记者 {names}）"])
    paragraphs = [f"<p>{dice.choice(['　　', ''])}{e(p)}</p>" for p in a["paragraphs"]]
    if label.startswith("<p>　　"):
        paragraphs[0] = label + re.sub(r"^<p>　*", "", paragraphs[0])
    elif label:
        paragraphs.insert(0, label)
    if not label and not author_said:
        paragraphs[-1] = paragraphs[-1][:-4] + f"（记者 {names}）</p>"
    for i, subhead in a["subheads"].items():
        paragraphs.insert(i, f"<p><strong>{e(subhead)}</strong></p>")
    if dice.random() < 0.4:
        paragraphs.insert(1, f"<p><img src=1.jpg></p><p class=pic style='text-align:center'>图为现场。{name(dice)} 摄</p>")
    tail = dice.sample([
        f"<div class=editor>【责任编辑：{name(dice)}】</div>", f"<p>（责任编辑：{name(dice)}）</p>",
        "<div class=share>分享到：<a>微信</a><a>微博</a><a>QQ空间</a></div>", "<p>扫码关注云州新闻公众号</p>",
        f"<p>原标题：{e(a['headline'])}</p>", f"<p>版权声明：凡注明来源{site}的作品，未经授权不得转载。</p>",
        "<div class=zan><span>+1</span><span>收藏</span></div>",
    ], 3)
    links = "".join(f"<li><a href='/a/{i}.html'>{e(t['headline'])}</a></li>" for i, t in enumerate(others))
    nav = "".join(f"<a href='/{c}'>{c}</a>" for c in "首页 要闻 民生 财经 社会 文化 视频 图片 专题".split())
    title = f"<h1>{e(a['headline'])}</h1>" if dice.random() < 0.85 else f"<div class=title>{e(a['headline'])}</div>"
    kicker = "".join(f"<h2 class=pretitle>{e(k)}</h2>" for k in a["kicker"])
    sub = f"<h2 class=subtitle>{e(a['subheadline'])}</h2>" if a["subheadline"] else ""
    body = "".join(paragraphs)
    body = dice.choice([f"<div id=content class=article>{body}</div>", f"<article>{body}</article>", f"<div class=TRS_Editor><div id=detail>{body}</div></div>"])
    page = f"""<!doctype html><html lang=zh><head>{"".join(meta)}</head><body>
<header><div class=logo>{site}</div><nav>{nav}</nav></header>
<div class=crumb>当前位置：<a href='/'>首页</a> &gt; <a href='/x'>{channel}</a> &gt; 正文</div>
<div class=main>{kicker}{title}{sub}{line}{body}{"".join(tail)}
<div class=pn><a href='/1.html'>上一篇：{e(others[0]["headline"])}</a><a href='/2.html'>下一篇：{e(others[1]["headline"])}</a></div></div>
<aside><h3>热点推荐</h3><ul>{links}</ul></aside>
<footer>关于我们 | 联系我们 | 版权声明<br>{site} 版权所有 备案号：云ICP备31000000号 新闻热线：0999-8100000</footer>
</body></html>"""
    return page, dict(date=iso, paper=site)


def make_site(texts, seed, folder):
    dice = random.Random(f"site-{seed}")
    article = chosen(texts, dice, 1)[0]
    others = dice.sample([t for t in texts if t["headline"] != article["headline"]], 5)
    page, about = site_of(article, others, dice)
    (folder / f"site-{seed}.html").write_text(page, encoding="utf-8")
    (folder / f"site-{seed}.gold.json").write_text(json.dumps(gold([article], **about), ensure_ascii=False, indent=1))


def make(options):
    texts = json.loads(options.texts.read_text())
    first, last = map(int, options.seeds.split(":"))
    options.folder.mkdir(parents=True, exist_ok=True)
    for kind in options.kinds.split(","):
        for seed in range(first, last):
            if kind == "site":
                make_site(texts, seed, options.folder)
            else:
                make_newspaper(kind, texts, seed, options.folder)


# --- scores -----------------------------------------------------------------------------------


def squashed(text):
    return re.sub(r"\s", "", text or "")


def f1(hit, found, wanted):
    return 1.0 if found + wanted == 0 else 2 * hit / (found + wanted)


def score_page(page, wanted, counts, say):
    bodies = [[squashed(p) for p in a["paragraphs"]] for a in page["articles"]]
    left = [p for body in bodies for p in body]
    counts["paragraphs found"] += len(left)
    counts["articles found"] += len(bodies)
    if "date" in wanted:
        counts["dates"] += 1
        counts["dates right"] += page.get("date") == wanted["date"]
    right = [False] * len(bodies)
    for a in wanted["articles"]:
        paragraphs = [squashed(p) for p in a["paragraphs"]]
        counts["paragraphs"] += len(paragraphs)
        for p in paragraphs:
            if p in left:
                left.remove(p)
                counts["paragraphs right"] += 1
        whole = bodies.index(paragraphs) if paragraphs in bodies else None
        mine = whole
        if mine is None:
            start = paragraphs[0][:12]
            mine = next((i for i, b in enumerate(bodies) if any(p.startswith(start) for p in b)), None)
        found = page["articles"][mine] if mine is not None else dict(headline=None, byline=[])
        headed = squashed(found["headline"]) == squashed(a["headline"])
        names = [squashed(n) for n in found["byline"]]
        hit = sum(squashed(n) in names for n in a["byline"])
        counts["articles"] += 1
        counts["articles right"] += whole is not None
        counts["headlines right"] += headed
        counts["names"] += len(a["byline"])
        counts["names found"] += len(names)
        counts["names right"] += hit
        if whole is not None:
            right[whole] = headed and hit == len(names) == len(a["byline"])
        if say and (whole is None or not headed or hit != len(a["byline"]) or len(names) != hit):
            print(f"   {a['headline']} {a['byline']}: {found.get('headline')} {names}")
            if whole is None:
                got = bodies[mine] if mine is not None else []
                for p in paragraphs:
                    if p not in got:
                        print("      gold ", p)
                for p in got:
                    if p not in paragraphs:
                        print("      extra", p)
    for a, is_right in zip(page["articles"], right):
        if a["confidence"] >= 0.95:
            counts["sure"] += 1
            counts["sure right"] += is_right


def row(c):
    share = lambda a, b: f"{c[a] / c[b]:.3f}" if c[b] else "–"
    return " | ".join([
        f"{f1(c['paragraphs right'], c['paragraphs found'], c['paragraphs']):.3f}",
        f"{f1(c['articles right'], c['articles found'], c['articles']):.3f}",
        share("headlines right", "articles"),
        f"{f1(c['names right'], c['names found'], c['names']):.3f}" if c["names"] else "–",
        share("dates right", "dates"),
        f"{share('sure right', 'sure')} ({c['sure'] / max(1, c['articles']):.2f} of them)",
    ])


def score(options):
    for program in options.programs:
        kinds = collections.defaultdict(collections.Counter)
        pages = sorted(options.folder.glob("*.gold.json"))
        for gold_file in pages:
            stem = gold_file.name[: -len(".gold.json")]
            source = next(p for p in options.folder.glob(stem + ".*") if p.suffix in (".txt", ".pdf", ".html"))
            command = [program, "split", "--json", source] if not options.plain else [program, source]
            ran = subprocess.run(command, capture_output=True, text=True)
            line = ran.stdout.splitlines()[:1]
            page = json.loads(line[0]) if line else dict(articles=[])
            if options.wrong:
                print("--", stem, ran.stderr.strip())
            score_page(page, json.loads(gold_file.read_text()), kinds[stem.rsplit("-", 1)[0]], options.wrong)
        print(f"{program}\n| pages | paragraph F1 | article F1 | headline | byline | date | right at >= .95 |")
        for kind, counts in kinds.items():
            print(f"| {kind} | {row(counts)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=pathlib.Path)
    making.add_argument("--texts", type=pathlib.Path, default=TEXTS)
    making.add_argument("--seeds", default="0:12")
    making.add_argument("--kinds", default="chromium,typst,site")
    making.set_defaults(run=make)
    scoring = commands.add_parser("score")
    scoring.add_argument("folder", type=pathlib.Path)
    scoring.add_argument("programs", nargs="+")
    scoring.add_argument("--wrong", action="store_true", help="say what is wrong")
    scoring.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    scoring.set_defaults(run=score)
    options = parser.parse_args()
    sys.exit(options.run(options))


if __name__ == "__main__":
    main()
