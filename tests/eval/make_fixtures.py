"""Makes parity.json: what sacrebleu, rouge-score and NLTK say about our own lines.

    pip install sacrebleu==2.6.0 rouge-score==0.1.2 nltk==3.10.4
    python tests/eval/make_fixtures.py

All texts here are invented; the people and places do not exist.
"""

import json
import os
import random
import re
from pathlib import Path

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

HERE = Path(__file__).parent

# hypothesis of one system, hypothesis of another, references
ENGLISH = [
    ("The harbour of Linzhou opened on Monday.", "Linzhou harbour was opened Monday.",
     ["The port of Linzhou opened on Monday.", "On Monday, Linzhou's port opened."]),
    ("Output rose 3.5% to 4,000 tons in 2023-24.", "Production grew by 3.5 per cent, to 4000 tonnes in 2023–24.",
     ["Output rose 3.5 percent to 4,000 tons in 2023-24.", "In 2023-24 output grew 3.5% to 4,000 tonnes."]),
    ("", "Nothing was said.", ["The mayor did not comment.", "No comment came from the mayor."]),
    ("He said: \"We won't stop -- not now!\"", "He said &quot;we won't stop&quot;.",
     ["“We won’t stop – not now!” he said.", "He said: &quot;We will not stop, not now!&quot;"]),
    ("R&amp;D costs &lt; 5 &amp;amp; &gt; 3", "R&D costs < 5 & > 3", ["R&D costs < 5 & > 3", "R&D cost less than 5, more than 3"]),
    ("...", "?!", ["...", "…"]),
    ("word", "Word", ["word", "words"]),
    ("a b", "b a", ["a b c", "b a"]),
    ("Ms. Qiao Yun's firm, Yunhe Ltd., paid $1,200.50 (about 8,700 yuan).", "Qiao Yun's company Yunhe paid $1200.50, about 8700 yuan.",
     ["Ms. Qiao Yun's company, Yunhe Ltd, paid $1,200.50 (some 8,700 yuan).", "Yunhe Ltd., Qiao Yun's firm, paid about 8,700 yuan ($1,200.50)."]),
    ("the the the the the the the", "the cat is on the mat the mat", ["the cat is on the mat", "there is a cat on the mat"]),
    ("In the evening the ferries of the island were running again after two days of storm",
     "After two days of storm the ferries of the island were running again in the evening",
     ["After two days of storm, the island's ferries were running again in the evening", "The ferries ran again that evening after a two-day storm"]),
    ("naïve café œuvre Straße İstanbul ΣΊΣΥΦΟΣ", "NAÏVE CAFÉ ŒUVRE STRASSE istanbul σίσυφος",
     ["Naïve café œuvre Straße İstanbul Σίσυφος", "naive cafe oeuvre strasse Istanbul Sisyphos"]),
    ("tab\there  and\u00a0no-break\u3000wide\u2009thin", "tab here and no-break wide thin",
     ["tab here and no-break wide thin", "tab\there and no break, wide, thin"]),
    ("emoji 👍🏽 and flags 🇨🇳🇫🇷, e\u0301 combined", "emoji 👍 and flag 🇨🇳, é combined",
     ["emoji 👍🏽 and flags 🇨🇳🇫🇷, é combined", "an emoji and flags"]),
    ("It is 20-30 km; see http://example.org/a-b_c?d=1&e=2 [1]", "It's 20 to 30 km, see example.org {1}",
     ["It is 20–30 km; see http://example.org/a-b_c?d=1&e=2 [1].", "It is 20-30 kilometres (see example.org)."]),
    ("(hi) 'quoted' end's \"double.\" a/b x=y *star* ~tilde~ `tick` ^ | \\", "hi quoted ends double",
     ["(hi), 'quoted' end's \"double\". a/b x = y *star* ~tilde~ `tick` ^ | \\", "(hi) quoted end's double."]),
    ("The council, the council said, the council said again.", "The council said it again.",
     ["The council said so again.", "Again, the council said so."]),
    ("completely different words here", "nothing shared whatsoever", ["unrelated reference sentence", "another one entirely"]),
    (" leading and trailing spaces ", "leading and trailing spaces", ["leading and trailing spaces", " Leading and trailing spaces"]),
    ("1.5 .5 5. 1,5 ,5 5, 1-5 -5 5- a.b a,b a-b 1.a a.1", "1.5 .5 5. 1,5 ,5 5, 1-5",
     ["1.5 .5 5. 1,5 ,5 5, 1-5 -5 5- a.b a,b a-b 1.a a.1", "1.5 0.5 5 1,5 5 1-5"]),
    ("He left.\nShe stayed.\nThe dog slept under the warm stove.", "She stayed.\nHe left, the dog slept.",
     ["She stayed.\nHe left.\nA dog was sleeping under the stove.", "The dog slept.\nShe stayed but he left."]),
    ("hyphen-\nated and <skipped>skipped line\nbreaks", "hyphenated and skipped line breaks",
     ["hyphenated and skipped line breaks", "hyphen- ated line breaks"]),
    ("line\u2028separator and next\u0085line \x1c group", "line separator and next line group",
     ["line separator and next line group", "a line separator, a next line"]),
    ("林州港 opened 周一", "Linzhou Port (林州港) opened", ["Linzhou Port opened on Monday", "林州港 opened Monday"]),
]

CHINESE = [
    ("林州港周一正式启用。", "周一，林州港启用了。", ["林州港于周一正式启用。", "周一，林州港正式启用。"]),
    ("全年产量增长3.5%，达4000吨。", "产量全年增长了3.5%，至4,000吨。", ["全年产量增长3.5%，达到4000吨。", "产量同比增长3.5%，达四千吨。"]),
    ("“不会停”，乔芸说——“绝不！”", "乔芸说：“不会停下来。”", ["乔芸说：“绝不会停！”", "“不会停，绝不！”乔芸表示。"]),
    ("", "无可奉告。", ["市长未作评论。", "市长没有回应。"]),
    ("ＡＢＣ全角１２３，half ABC123", "全角ABC123", ["全角ＡＢＣ１２３，半角ABC123", "ＡＢＣ与ABC"]),
    ("𠮷野家𪚥和〇三一号", "吉野家和031号", ["𠮷野家𪚥与〇三一号", "吉野家〇三一"]),
    ("ｶﾀｶﾅ カタカナ ひらがな 한국어 ①②㈱㎞", "カタカナひらがな한국어", ["カタカナ・ひらがな、한국어①②", "片假名"]),
    ("公司R&amp;D投入&lt;5亿…… ", "公司研发投入不足5亿", ["公司R&D投入<5亿……", "公司研发投入少于5亿元"]),
    ("第一句话。\n第二句话说渡轮停航两天。\n第三句。", "渡轮停航两天。\n第一句话。", ["第一句话。\n渡轮停航了两天。", "渡轮两天没有开。\n这是第一句。"]),
    ("it's Lin's 'port's", "Lin's port", ["it's Lin's port", "Lin's"]),
    ("〔2031〕七号文件《渔港条例》（试行）、①", "七号文件渔港条例", ["〔2031〕7号文件《渔港条例（试行）》", "《渔港条例》"]),
]

WORDS = """the a of port ferry storm island mayor said on in new old wind two three opened closed and to
for with boats night rain road plan school budget river bridge , . ; ' - 4 12 2031""".split()


def salad(rng, longest):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, longest)))


def disturbed(rng, line):
    """Moves blocks, drops, doubles and replaces words: what TER's shifts are for."""
    words = line.split()
    for _ in range(rng.randint(0, 4)):
        if len(words) < 3:
            break
        start = rng.randrange(len(words))
        end = min(len(words), start + rng.randint(1, 12))
        block = words[start:end]
        del words[start:end]
        at = rng.randint(0, len(words))
        words[at:at] = block
    words = [rng.choice(WORDS) if rng.random() < 0.1 else w for w in words if rng.random() > 0.07]
    return " ".join(w for w in words for _ in range(2 if rng.random() < 0.04 else 1))


def salads():
    rng = random.Random(7)
    lines = []
    for i in range(150):
        reference = salad(rng, 110 if i % 10 == 0 else 30)
        # A very long and a very short side widen the beam of TER.
        if i == 140:
            reference = " ".join(rng.choice(WORDS) for _ in range(200))
            lines.append(("storm the", disturbed(rng, reference), [reference, salad(rng, 30)]))
        elif i == 141:
            lines.append((" ".join(rng.choice(WORDS) for _ in range(180)), "port", ["a ferry", "port"]))
        else:
            lines.append((disturbed(rng, reference), disturbed(rng, reference), [reference, disturbed(rng, reference)]))
    return lines


class Characters:
    """Each Chinese character, and lower-case runs of other letters and digits."""

    HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

    def tokenize(self, text):
        tokens, word = [], ""
        for c in text.lower():
            if re.match(f"[{self.HAN}]", c):
                tokens += [word, c]
                word = ""
            elif c.isalnum():
                word += c
            else:
                tokens.append(word)
                word = ""
        return [t for t in tokens + [word] if t]


def bleu(tokenize="13a", smooth="exp", value=None, effective=False, lowercase=False):
    return dict(kind="bleu", tokenize=tokenize, smooth=smooth, value=value, effective=effective, lowercase=lowercase)


def chrf(words=0, lowercase=False):
    return dict(kind="chrf", words=words, lowercase=lowercase)


def ter(asian=False):
    return dict(kind="ter", asian=asian)


def metric_of(spec):
    if spec["kind"] == "bleu":
        return BLEU(tokenize=spec["tokenize"], smooth_method=spec["smooth"], smooth_value=spec["value"],
                    effective_order=spec["effective"], lowercase=spec["lowercase"])
    if spec["kind"] == "chrf":
        return CHRF(word_order=spec["words"], lowercase=spec["lowercase"])
    return TER(normalized=spec["asian"], asian_support=spec["asian"])


ENGLISH_METRICS = [
    bleu(), bleu("none"), bleu("char"), bleu(smooth="none"), bleu(smooth="floor"), bleu(smooth="floor", value=0.01),
    bleu(smooth="add-k"), bleu(smooth="add-k", value=0.5), bleu(effective=True), bleu(lowercase=True),
    chrf(), chrf(2), chrf(2, True), ter(), ter(True),
]
CHINESE_METRICS = [bleu("zh"), bleu("char"), bleu("13a"), chrf(), chrf(2), ter(), ter(True)]


def streams(references, count):
    return [[lines[i] for lines in references] for i in range(count)]


def sacrebleu_values(hypotheses, references, specs):
    """references: a list a segment; a shorter one stands for a segment that fewer people translated."""
    count = max(map(len, references))
    padded = [lines + [None] * (count - len(lines)) for lines in references]
    values = []
    for spec in specs:
        metric = metric_of(spec)
        score = metric.corpus_score(hypotheses, streams(padded, count)).score
        segment_metric = metric_of(spec | {"effective": True})
        segments = [segment_metric.sentence_score(h, r).score for h, r in zip(hypotheses, references)]
        signature = str(metric.get_signature()).rsplit("|version:", 1)[0]
        values.append(dict(metric=spec, corpus=score, segments=segments, signature=signature))
    return values


def rouge_values(hypotheses, references, language):
    kinds = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"]
    tokenizer = Characters() if language == "zh" else None
    scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=True, tokenizer=tokenizer)
    scores = [scorer.score_multi(r, h) for h, r in zip(hypotheses, references)]
    return {kind: [[s[kind].precision, s[kind].recall, s[kind].fmeasure] for s in scores] for kind in kinds}


def significance(lines):
    """Paired tests of the second system against the first, on references of the first translator."""
    seed = 12345
    os.environ["SACREBLEU_SEED"] = str(seed)
    specs = [bleu(), chrf(), chrf(2), ter()]
    one, other = [l[0] for l in lines], [l[1] for l in lines]
    references = [[l[2][0] for l in lines]]
    found = []
    for spec in specs:
        bs = PairedTest([("one", one), ("other", other)], {"m": metric_of(spec)}, references, "bs", 1000)()
        ar = PairedTest([("one", one), ("other", other)], {"m": metric_of(spec)}, references, "ar", 2000)()
        (name,) = [key for key in bs[1] if key != "System"]
        (b0, b1), (a0, a1) = bs[1][name], ar[1][name]
        found.append(dict(metric=spec, mean=[b0.mean, b1.mean], margin=[b0.ci, b1.ci],
                          p_bootstrap=b1.p_value, p_randomisation=a1.p_value,
                          signature=str(ar[0][name]).rsplit("|version:", 1)[0]))
    return dict(seed=seed, resamples=1000, trials=2000, values=found)


def case(name, language, lines, specs):
    one, other = [l[0] for l in lines], [l[1] for l in lines]
    references = [l[2] for l in lines]
    single = [r[:1] for r in references]
    variable = [r[: 1 + i % 2] for i, r in enumerate(references)]
    return dict(
        name=name, language=language, one=one, other=other, references=references,
        single=sacrebleu_values(one, single, specs), multiple=sacrebleu_values(one, references, specs),
        variable=sacrebleu_values(one, variable, specs[:1] + specs[-2:]),
        rouge=rouge_values(one, references, language), significance=significance(lines))


STEMS = """abil activ adjust agre allow analog angular argu bas begg bowdler bridg busi call care cat catch class
commun conflat conform control creat cry data day debt defens depend die differ digit dry dy ease econom educat
effect electr enjoy equip fall fals feed feudal fil fit fizz fl fly form formal free geo geolog general govern grow
gyroscop happ hav hesit his hop homolog hope iceberg illeg infer inn irrit lie loo logic market maximum mean ministr
motor nation new no old on oper out paint part plaster plann poll pon port predict probat provinc pub radic rat
ration real relat replac report rest reviv rul run sens shrimp siz sk speci spy station stem study succ sugg sw
syzyg tann tax theo theolog tie toy tr trad triplic troubl try typ vietnam vil water wind wor y yyy z 3 2031 1st""".split()
SUFFIXES = """ s es ies ed ied eed ing ings er or y ly al ally ational tional ation ations ator alism aliti ality ance
anci ancy ence enci ency ant ent ently entli able ably abli ible bli biliti bility izer ize izes ized izing ization
ness nesses ful fully fulli fulness less iveness ive iviti ivity ous ously ousli ousness ic ical ically icate iciti
icity icative ative alize ement ment ments ion ions sion tion ou ism ate ated iti e ee l ll lls logi logy logies eli
sses ss ying""".split()


def rounded(value):
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return value if value is None or isinstance(value, (str, int)) else round(float(value), 7)


def main():
    stemmer = PorterStemmer()
    words = sorted({s + e for s in STEMS for e in [""] + SUFFIXES})
    words = random.Random(3).sample(words, 4000) + sorted(stemmer.pool) + ["e", "ay", "yay"]
    out = dict(
        made_by="sacrebleu 2.6.0, rouge-score 0.1.2, nltk 3.10.4",
        cases=[
            case("english", "en", ENGLISH, ENGLISH_METRICS),
            case("chinese", "zh", CHINESE, CHINESE_METRICS),
            case("salads", "en", salads(), [bleu(), bleu(smooth="add-k"), chrf(2), ter()]),
        ],
        stems=" ".join(words),
        stemmed=" ".join(stemmer.stem(w) for w in words),
    )
    text = json.dumps(rounded(out), ensure_ascii=False, separators=(",", ":"))
    (HERE / "parity.json").write_text(text + "\n", encoding="utf-8")


main()
