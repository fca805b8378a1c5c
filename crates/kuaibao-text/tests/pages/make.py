#!/usr/bin/env python3
"""Makes the fixture pages of this folder from our own text: python3 make.py

People, places and papers are invented. Each page imitates one way in which the text of a newspaper
page comes out of a PDF: columns wrapped at a width, first lines two cells shorter because the
indent is lost (or still there), a blank line after every line or none, spaces round digits,
headlines before or behind their article.
"""
import pathlib
import re

HERE = pathlib.Path(__file__).parent

ROAD = dict(
    kicker=["沈望舒在青禾县调研农村公路时强调"],
    headline=["把致富路修到家门口"],
    byline=["□云州日报记者 林晓舟 何远", "本报通讯员 陶静"],
    paragraphs=[
        "本报讯 3月18日至19日，市委书记沈望舒在青禾县调研农村公路建设。他强调，要把“四好农村路”作为民生实事一抓到底，今年再新建改建公路320公里，让更多山货出得了山、卖得上价。",
        "18日上午，沈望舒来到石桥镇松坪村。三年前，这里的茶叶要靠人背马驮，如今4.5米宽的水泥路通到了茶园，全村茶叶年产值从400万元增加到1260万元。沈望舒走进村民家中，问收入、看新房，叮嘱当地干部把养护责任落实到人。",
        "在青禾县交通运输局，沈望舒主持召开座谈会。他指出，修路不是为了好看，而是为了管用；不能只管修，不管养。要用好县乡两级养护资金，明年6月底前完成216座危旧桥梁的改造。",
        "副市长柳青山等参加调研。",
    ],
)
LIBRARY = dict(
    kicker=[],
    headline=["深夜十一点，图书馆的灯还亮着"],
    subheadline="——云州延时开放公共文化场馆见闻",
    byline=["□本报记者 苏禾"],
    paragraphs=[
        "晚上九点半，云州市图书馆三楼自习室里座无虚席。大学生、刚下班的程序员、准备资格考试的护士，各自守着一盏灯。",
        "从去年10月起，云州把27家公共文化场馆的闭馆时间推迟到23点。半年下来，夜间接待读者41.8万人次，占全天的三成以上。",
        "办法不复杂，难的是坚持。图书馆把安保、保洁排成两班，志愿者报名人数超过1900人，其中一半是退休职工。“他们给年轻人留灯，年轻人教他们用手机。”馆长梁若冰说。",
        "有人算过一笔账：延时开放每年多花电费和人工约86万元，摊到每位读者头上，还不到一元两角。",
    ],
    subheads={2: "一盏灯背后的账本"},
    caption="4月2日晚，读者在云州市图书馆自习室看书。",
    credit="本报记者 贺兰 摄",
)
PORT = dict(
    kicker=[],
    headline=["云州港一季度吞吐量创新高"],
    byline=["□云州日报记者 周以宁"],
    paragraphs=[
        "本报讯 记者昨日从云州港集团获悉，今年1至3月，云州港完成货物吞吐量6830万吨，同比增长7.4%；其中集装箱152万标箱，增长11%，两项指标均创同期新高。",
        "云州港去年开通直达CHITTAGONG的航线，海铁联运班列增至每周14列。港口引入5G远程操控岸桥，单机每小时作业量由28箱提高到35箱，船舶平均在港时间缩短3.2小时。",
        "又讯 云州海关4月1日宣布，进口水果实行“提前申报、货到验放”，通关时间压缩到8小时以内。",
    ],
)
SCHOOL = dict(
    kicker=["新学期走基层"],
    headline=["山里的音乐课"],
    byline=["本报记者 陆明 通讯员 王 珂"],
    paragraphs=[
        "柏树岭小学只有63名学生，却有一支41人的合唱团。每周三下午，音乐教师秦岚要换两趟车，从县城赶来上课。",
        "“第一节课，孩子们不敢张嘴。”秦岚说，她就带着大家去听溪水、学鸟叫。两年过去，合唱团第一次走下山，在全省中小学生艺术展演中拿了二等奖。",
        "像秦岚这样的走教老师，青禾县有118名。县里统一安排车辆和食宿，每月另发600元补贴。",
    ],
)
CLOSE = "，。、；：？！”’）》】」』%"
OPEN = "“‘（《【「『"


def cells(text):
    return sum(1 if ord(c) < 0x250 else 2 for c in text)


def wrap(text, width, indent="lost", whole_tokens=True):
    """Lines of a column of `width` cells, closing punctuation hanging, opening carried over."""
    tokens = re.findall(r"[A-Za-z0-9.%]+|.", text) if whole_tokens else list(text)
    lines, line = [], "　　" if indent == "kept" else ""
    limit = 2 * width - (4 if indent == "lost" else 0)
    for token in tokens:
        hangs = token in CLOSE and cells(line + token) <= limit + 2
        if line.strip() and cells(line + token) > limit and not hangs:
            carried = ""
            while line and line[-1] in OPEN:
                line, carried = line[:-1], line[-1] + carried
            lines.append(line)
            line, limit = carried, 2 * width
        line += token
    return lines + [line]


def spaced(text):
    """Spaces round the numbers, as many PDF text layers have them."""
    return re.sub(r"(?<=[\u4e00-\u9fff])([\d.]+)(?=[\u4e00-\u9fff])", r" \1 ", text)


def body(article, width, **how):
    spaces = how.pop("spaces", False)
    lines = []
    for i, paragraph in enumerate(article["paragraphs"]):
        if i in article.get("subheads", {}):
            lines.append(article["subheads"][i])
        lines += wrap(spaced(paragraph) if spaces else paragraph, width, **how)
    return lines


def head(article, width=40):
    lines = [line for kicker in article["kicker"] for line in wrap(kicker, width, "none")]
    for headline in article["headline"]:
        lines += wrap(headline, width, "none")
    if "subheadline" in article:
        lines += wrap(article["subheadline"], width, "none")
    return lines


def write(name, lines, gap="\n"):
    (HERE / name).write_text(gap.join(lines) + "\n", encoding="utf-8")


def traditional(text):
    table = str.maketrans(
        "云州县调研农村强时为气气实书记沈望问题过纸们说这里来报讯两务员干条会议长图馆灯还点晚开场闭",
        "雲州縣調研農村強時為氣氣實書記沈望問題過紙們說這裡來報訊兩務員幹條會議長圖館燈還點晚開場閉",
    )
    return text.translate(table)


def main():
    # A page as a PDF reader gives it: no headline where it belongs, a blank line after every line.
    write(
        "narrow-double.txt",
        ["", *ROAD["byline"], *body(ROAD, 14, spaces=True)]
        + [*LIBRARY["byline"], *body(LIBRARY, 16)]
        + [*head(LIBRARY), LIBRARY["caption"], LIBRARY["credit"], *head(ROAD, 15)]
        + [*PORT["byline"], *body(PORT, 18, whole_tokens=False)],
        "\n\n",
    )
    # The same kind of page with its head and foot, indents kept, no blank lines.
    write(
        "indented.txt",
        ["云州日报", "2031年4月3日 星期四  第6版 要闻"]
        + [*head(PORT), *PORT["byline"], *body(PORT, 17, indent="kept"), "（下转第七版）"]
        + [*head(SCHOOL), *SCHOOL["byline"], *body(SCHOOL, 20, indent="kept")]
        + ["责任编辑：方同  版式：沈一帆  电话：0999-8100000"],
    )
    # A column that becomes wider in the middle of its article.
    write(
        "widening.txt",
        [*head(SCHOOL, 9), *SCHOOL["byline"], *wrap(SCHOOL["paragraphs"][0], 12)]
        + [*wrap(SCHOOL["paragraphs"][1], 27), *wrap(SCHOOL["paragraphs"][2], 27)]
        + [*head(ROAD, 12), *ROAD["byline"], *body(ROAD, 13)],
        "\n\n",
    )
    # Clean text: one paragraph a line.
    write(
        "clean.txt",
        [*head(LIBRARY), "本报记者 苏禾", *LIBRARY["paragraphs"]],
        "\n\n",
    )
    write("clean-indented.txt", [*head(PORT), *("　　" + p for p in PORT["paragraphs"])])
    # Traditional characters, corner brackets, datelines with the reporter in brackets.
    write(
        "traditional.txt",
        ["雲州日報", "二〇三一年四月三日 星期四"]
        + [traditional("图书馆的灯还亮着")]
        + wrap(traditional("本报云州4月2日电（记者 苏禾）晚上九点半，云州市图书馆三楼自习室里座无虚席。「这里安静，也暖和。」一位护士说。"), 15)
        + wrap(traditional("从去年10月起，云州把27家公共文化场馆的闭馆时间推迟到23点。半年下来，夜间接待读者41.8万人次。"), 15),
        "\n\n",
    )


if __name__ == "__main__":
    main()
