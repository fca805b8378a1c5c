"""Pairs in the set language of Chinese official news, made by rules from the program's own glossary:
who met whom where and when, who said what, how much of what. They teach a small model names, posts,
dates, set terms and the units 万 and 亿, of which other news has too little."""

import random
import re
from pathlib import Path

GLOSSARY = Path(__file__).resolve().parent.parent / "crates/kuaibao-text/src/glossary/data"
MONTHS = "January February March April May June July August September October November December".split()
NUMERALS = "零一二三四五六七八九"


def table(text):
    """Rows behind each other, parted by |: a Chinese word, then English forms, parted by /."""
    return [(zh, *en.split("/")) for zh, en in (row.strip().split(" ", 1) for row in text.replace("\n", "").split("|"))]


VERBS = table("""推进 advance/advancing|推动 promote/promoting|加强 strengthen/strengthening|深化 deepen/deepening|坚持 adhere to/adhering to|
完善 improve/improving|加快 speed up/speeding up|落实 implement/implementing|促进 boost/boosting|支持 support/supporting|探索 explore/exploring|
推广 spread/spreading|保障 ensure/ensuring|扎实推进 make solid progress in/making solid progress in|聚焦 focus on/focusing on|服务 serve/serving|
持续深化 keep deepening/continuing to deepen|大力发展 vigorously develop/vigorously developing|着力推进 work hard to advance/working hard to advance|
统筹推进 coordinate/coordinating|重视 attach importance to/attaching importance to|深入推进 further advance/further advancing|
加快推进 accelerate/accelerating|研究部署 plan/planning|助力 contribute to/contributing to|打造 build/building|做强 strengthen/strengthening""")

THINGS = table("""经济发展 economic development|城乡融合发展 integrated urban-rural development|农业现代化 agricultural modernization|
科技创新 scientific and technological innovation|产业升级 industrial upgrading|基础设施建设 infrastructure construction|
村集体经济 the village collective economy|低收入农户增收 higher incomes for low-income rural households|公共服务 public services|
民生保障 people's livelihood|安全生产 workplace safety|防汛救灾 flood control and disaster relief|人才培养 the training of talent|
企业发展 the growth of enterprises|改革创新 reform and innovation|党的建设 Party building|基层治理 community-level governance|
数字经济 the digital economy|绿色发展 green development|乡村旅游 rural tourism|特色产业 distinctive industries|文化建设 cultural development|
生态环境保护 environmental protection|粮食安全 food security|国际合作 international cooperation|双边关系 bilateral relations|
经贸合作 economic and trade cooperation|人文交流 people-to-people exchanges|对外开放 opening-up|就业创业 employment and entrepreneurship|
先进制造业 advanced manufacturing|教育事业 education|医疗卫生事业 health care|产业链建设 industrial chains|项目建设 project construction|
土地流转 land transfer|共同发展 common development|高水平开放 high-standard opening-up|资源共享 the sharing of resources|
新技术应用 the use of new technologies|冷链物流 cold-chain logistics|体育事业 sports|
农产品加工 the processing of farm products|品牌建设 brand building|营商环境 the business environment|法治建设 the rule of law""")

COUNTED = table("""人 people|名学生 students|名游客 tourists|户 households|家企业 enterprises|个村 villages|个项目 projects|吨 tonnes|亩 mu|
公里 kilometers|平方公里 square kilometers|平方米 square meters|件 items|辆 vehicles|张床位 beds|个就业岗位 jobs|名党员 Party members|
千瓦时 kilowatt-hours|名志愿者 volunteers|名医生 doctors|所学校 schools|户农户 rural households|
人次 visits|家 companies""")
MONEY = table("元 yuan|元 yuan|元 yuan|美元 dollars|欧元 euros")

GROWN = table("""地区生产总值 gross domestic product|出口额 exports|进口额 imports|财政收入 fiscal revenue|工业增加值 industrial value added|
固定资产投资 fixed-asset investment|社会消费品零售总额 retail sales of consumer goods|营业收入 operating revenue|净利润 net profit|
产量 output|销售额 sales|游客人数 the number of tourists|农民人均收入 per capita income of farmers|村集体经济收入 the income of the village collective|
贸易额 trade volume|用电量 electricity consumption|快递业务量 express delivery volume|房价 house prices""")

MEETINGS = table("""座谈会 a symposium|现场会 an on-site meeting|工作会议 a work meeting|新闻发布会 a news conference|论坛 a forum|推进会 a progress meeting|
动员大会 a mobilization meeting|研讨会 a seminar|峰会 a summit|全体会议 a plenary meeting|启动仪式 a launch ceremony|签约仪式 a signing ceremony|
开幕式 the opening ceremony|闭幕式 the closing ceremony|表彰大会 a commendation meeting|视频会议 a video conference|专题会议 a special meeting""")

SAID = table("""说 said|表示 said|指出 pointed out|强调 stressed|认为 believes|介绍 said|告诉记者 told reporters|透露 revealed""")

PARTY = [("省委", "the provincial Party committee"), ("市委", "the municipal Party committee"), ("县委", "the county Party committee"), ("区委", "the district Party committee")]
GOVERNMENTS = [("省政府", "the provincial government"), ("市政府", "the municipal government"), ("县政府", "the county government"), ("国务院", "the State Council")]


def read(name):
    rows = [line.split("\t") for line in (GLOSSARY / f"{name}.tsv").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [(row[0], row[1].split(" | ")[0], *row[2:]) for row in rows if row[0] != "zh"]


def ordinal(n):
    return f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


def numeral(n):
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (NUMERALS[ones] if ones or not tens else "")


def in_words(value):
    """A value as English news writes it: 12,000; 3.5 million; 1.38 trillion."""
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value >= size:
            return f"{value / size:.10g} {word}"
    return f"{value:,.10g}"


class Formulae:
    """`people()` gives (Chinese name, English name)."""

    def __init__(self, people):
        self.people = people
        posts = read("posts")
        self.posts = [(zh, en, kind) for zh, en, deputy, kind in posts if en != "-"]
        self.posts += [("副" + zh, deputy, kind) for zh, _, deputy, kind in posts if deputy != "-" and kind != "alone"]
        self.terms = [(zh, en) for zh, en, *_ in read("terms")]
        self.aims = [term for term in self.terms if re.search("发展|建设|振兴|改革|创新|合作|富裕|差距|治理|开放|转型|治国|现代化", term[0])]
        self.bodies = [(zh, en) for zh, en, *_ in read("bodies")]
        self.places = [(zh, en) for zh, en, *_ in read("places")]
        self.known = [(zh, en) for zh, en, *_ in read("people")]

    def glossary(self):
        """The entries themselves, as pairs."""
        return self.terms + self.bodies + self.places + self.known + [post[:2] for post in self.posts]

    def name(self):
        return random.choice(self.known) if random.random() < 0.1 else self.people()

    def place(self):
        if random.random() < 0.25:
            zh, en = self.people()  # any syllables can name a village
            kind = random.choice([("村", "Village"), ("镇", "Town"), ("街道", "Subdistrict"), ("乡", "Township"), ("县", "County")])
            return zh[-2:] + kind[0], en.split()[-1] + " " + kind[1] if len(zh) > 2 else en.replace(" ", "").capitalize() + " " + kind[1]
        return random.choice(self.places)

    def person(self):
        """(Chinese, English as a subject): the bare name, or with a post."""
        zh, en = self.name()
        if random.random() < 0.35:
            return zh, en
        post, title, kind = random.choice(self.posts)
        where = ""
        if kind in ("of", "place") and random.random() < 0.8:
            body = random.choice(self.places if kind == "place" else self.bodies + PARTY + GOVERNMENTS + self.places)
            if post.endswith("书记") and "党" not in post:
                body = random.choice(PARTY)
            post, where = body[0] + post, f" of {body[1]}"
        if kind == "role" and " " not in title and random.random() < 0.4:
            return post + zh, f"{title.capitalize()} {en}"
        article = "" if kind in ("of", "place", "alone") else ("an " if title[0] in "aeiou" else "a ")
        return post + zh, f"{en}, {article}{title}{where},"

    def date(self):
        """(Chinese, English): an adverbial that stands at the beginning."""
        month, day = random.randint(1, 12), random.randint(1, 28)
        name = MONTHS[month - 1]
        year = random.randint(1990, 2030)
        part = random.choice([("上午", "morning"), ("下午", "afternoon"), ("晚", "evening"), ("凌晨", "early morning")])
        other = random.randint(day + 1, 30)
        return random.choice([
            (f"{month}月{day}日", f"On {name} {day}"),
            (f"{day}日{part[0]}", f"On the {part[1]} of the {ordinal(day)}"),
            (f"{month}月{day}日{part[0]}", f"On the {part[1]} of {name} {day}"),
            (f"{month}月{day}日至{other}日", f"From {name} {day} to {other}"),
            (f"{day}日至{other}日", f"From the {ordinal(day)} to the {ordinal(other)}"),
            (f"{day}日", f"On the {ordinal(day)}"),
            (f"{year}年", f"In {year}"),
            (f"{year}年{month}月", f"In {name} {year}"),
            (f"今年{month}月", f"In {name} this year"),
            (f"截至{year}年底", f"By the end of {year}"),
            (f"到{year}年", f"By {year}"),
            ("今年", "This year"), ("去年", "Last year"), ("近日", "Recently"), ("日前", "Recently"), ("当天", "On the same day"),
            ("今年以来", "Since the beginning of this year"), ("今年上半年", "In the first half of this year"), ("近年来", "In recent years"),
        ])

    def amount(self, money=False):
        """(Chinese, English), of the same value."""
        digits = random.choice([1, 2, 2, 3, 3])
        number = random.randint(10 ** (digits - 1), 10**digits - 1)
        scale = random.choice([0, 0, 4, 4, 4, 8, 8, 12])
        if scale == 0:
            value = random.choice([number, number * 10, number * 100])
            zh = str(value)
        else:
            places = random.randint(0, min(2, digits - 1)) if random.random() < 0.6 else 0
            if scale == 4 and places == 0 and random.random() < 0.2:
                number *= 10
            if places and number % 10 == 0:
                number += 1
            zh = f"{number / 10**places:.{places}f}" + {4: "万", 8: "亿", 12: "万亿"}[scale]
            value = number * 10**scale // 10**places
        hedge = random.choice([("", "")] * 5 + [("约", "about "), ("近", "nearly "), ("超过", "more than "), ("逾", "over "), ("至少", "at least ")])
        unit = random.choice(MONEY if money or scale > 4 else COUNTED)
        tail = random.choice(["", "", "", "多"]) if not hedge[0] and value >= 10 and scale else ""
        return hedge[0] + zh + tail + unit[0], ("more than " if tail else hedge[1]) + in_words(value) + " " + unit[1]

    def thing(self):
        zh, en = random.choice(THINGS if random.random() < 0.6 else self.aims)
        return (f"“{zh}”", f'"{en}"') if random.random() < 0.1 else (zh, en)

    def deed(self, form):
        verb, zh_en = random.choice(VERBS), self.thing()
        return verb[0] + zh_en[0], f"{verb[form]} {zh_en[1]}"

    def call(self):
        """What somebody wants done: (Chinese, English clause)."""
        deeds = [self.deed(1) for _ in range(random.choice([1, 2, 2, 3]))]
        zh = "要" + "，".join(deed[0] for deed in deeds)
        en = [deed[1] for deed in deeds]
        en = en[0] if len(en) == 1 else ", ".join(en[:-1]) + (", and " if len(en) > 2 else " and ") + en[-1]
        return zh, "it is necessary to " + en

    def growth(self):
        """(what, how it changed) in Chinese, then in English."""
        what, rate = random.choice(GROWN), random.randint(1, 999) / 10
        up = random.choice([("增长", "up"), ("上升", "up"), ("下降", "down"), ("减少", "down")])
        return (what[0], f"同比{up[0]}{rate:g}%"), (what[1], f"{up[1]} {rate:g} percent year on year")

    def sentence(self):
        person, place, date = self.person(), self.place(), self.date()
        subject = person[1]
        meeting, thing = random.choice(MEETINGS), self.thing()
        which = random.randrange(14)
        if which == 0:
            return f"{date[0]}，{person[0]}在{place[0]}调研。", f"{date[1]}, {subject} conducted an inspection tour of {place[1]}."
        if which == 1:
            return f"{date[0]}，{person[0]}在{place[0]}调研并出席{meeting[0]}。", f"{date[1]}, {subject} inspected {place[1]} and attended {meeting[1]}."
        if which == 2:
            return f"{date[0]}，{thing[0]}{meeting[0]}在{place[0]}召开。", f"{date[1]}, {meeting[1]} on {thing[1]} was held in {place[1]}."
        if which in (3, 4):
            said, call = random.choice(SAID[1:5]), self.call()
            return f"{person[0]}{said[0]}，{call[0]}。", f"{subject} {said[1]} that {call[1]}."
        if which == 5:
            call = self.call()
            return f"{call[0]}。", f"{call[1][0].upper()}{call[1][1:]}."
        if which == 6:
            return f"{person[0]}主持会议。", f"{subject} presided over the meeting."
        if which == 7:
            others = [self.name() for _ in range(random.choice([2, 3]))]
            en = ", ".join(n[1] for n in others[:-1]) + " and " + others[-1][1]
            return random.choice([("、".join(n[0] for n in others) + "参加。", f"{en} took part."),
                                  ("、".join(n[0] for n in others) + "出席会议。", f"{en} attended the meeting.")])
        if which == 8:
            met = self.person()
            return f"{date[0]}，{person[0]}在{place[0]}会见{met[0]}。", f"{date[1]}, {subject} met with {met[1].rstrip(',')} in {place[1]}."
        if which in (9, 10):
            amount = self.amount()
            zh, en = random.choice([
                (f"投入{amount[0]}", f"invested {amount[1]}"), (f"共有{amount[0]}", f"had {amount[1]} in all"), (f"新增{amount[0]}", f"added {amount[1]}"),
                (f"完成{amount[0]}", f"completed {amount[1]}"), (f"带动{amount[0]}", f"benefited {amount[1]}"), (f"建成{amount[0]}", f"built {amount[1]}"),
                (f"损失{amount[0]}", f"lost {amount[1]}"), (f"计划投资{amount[0]}", f"planned to invest {amount[1]}")])
            return f"{date[0]}，{place[0]}{zh}。", f"{date[1]}, {place[1]} {en}."
        if which == 11:
            zh, (what, change) = self.growth()
            amount = self.amount(money=True)
            return random.choice([
                (f"{date[0]}，{place[0]}{zh[0]}{zh[1]}。", f"{date[1]}, {what} of {place[1]} was {change}."),
                (f"{place[0]}{zh[0]}达{amount[0]}，{zh[1]}。", f"{what[0].upper()}{what[1:]} of {place[1]} reached {amount[1]}, {change}.")])
        if which == 12:
            n, m = random.randint(1, 20), random.randint(1, 12)
            body = random.choice(PARTY + [("中共中央", "the CPC Central Committee")])
            zh = f"{body[0]}{numeral(n)}届{numeral(m)}次全会"
            en = f"the {ordinal(m)} plenary session of the {ordinal(n)} {body[1][4:]}"
            deed = self.deed(1)
            return random.choice([
                (f"{date[0]}，{zh}在{place[0]}举行。", f"{date[1]}, {en} was held in {place[1]}."),
                (f"{zh}提出，{deed[0]}。", f"{en[0].upper()}{en[1:]} proposed to {deed[1]}."),
                (f"要深入贯彻落实{zh}部署，{deed[0]}。", f"It is necessary to implement the decisions of {en} and {deed[1]}.")])
        said, deeds = random.choice(SAID), [self.deed(2), self.deed(2)]
        return f"“{deeds[0][0]}、{deeds[1][0]}很重要。”{person[0]}{said[0]}。", f'"{deeds[0][1][0].upper()}{deeds[0][1][1:]} and {deeds[1][1]} are important," {person[1].rstrip(",")} said.'

    def headline(self):
        person, place, deed = self.name(), self.place(), self.deed(1)
        return random.choice([
            (f"{person[0]}在{place[0]}调研", f"{person[1]} inspects {place[1]}"),
            (f"{person[0]}在{place[0]}调研时强调{deed[0]}", f"{person[1]} calls for efforts to {deed[1]} on tour of {place[1]}"),
            (f"{place[0]}{deed[0]}", f"{place[1]} moves to {deed[1]}"),
            (deed[0], deed[1][0].upper() + deed[1][1:])])

    def pair(self):
        return self.headline() if random.random() < 0.12 else self.sentence()
