"""Lines for `kuaibao brief --jsonl` from Arrow tables, and its answers as Arrow tables.

`BRIEFS` has a row an article with what one asks for most and the whole answer as JSON; `FIGURES`
and `PEOPLE` have a row a figure and a person, and are read out of a table of `BRIEFS`. Needs
pyarrow, which Ray Data and Spark need as well.
"""

import collections
import itertools
import json

import pyarrow as pa

LINES = pa.schema([("line", pa.string()), ("answer", pa.string())])

BRIEFS = pa.schema(
    [
        ("id", pa.string()),
        ("error", pa.string()),
        ("paper", pa.string()),
        ("date", pa.string()),
        ("headline_zh", pa.string()),
        ("headline_en", pa.string()),
        ("summary_en", pa.string()),
        ("sentences", pa.int32()),
        ("doubtful", pa.int32()),
        ("brief", pa.string()),
    ]
)

FIGURES = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("zh", pa.string()),
        ("en", pa.string()),
        # A range has both; one number has no `to`; a date has neither, but `edtf`.
        ("value", pa.float64()),
        ("to", pa.float64()),
        ("edtf", pa.string()),
        ("unit", pa.string()),
        ("currency", pa.string()),
        ("bound", pa.string()),
        ("direction", pa.string()),
        ("compared", pa.string()),
        ("what", pa.string()),
        ("sentence", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
    ]
)

PEOPLE = pa.schema(
    [
        ("id", pa.string()),
        ("zh", pa.string()),
        ("en", pa.string()),
        ("post_zh", pa.string()),
        ("post_en", pa.string()),
        ("organisation_zh", pa.string()),
        ("organisation_en", pa.string()),
        ("mentions", pa.int32()),
    ]
)

# Columns of an input table that `--jsonl` knows; others stay behind.
FIELDS = "id text title date paper url encoding glossary".split()


def lines_of_table(table):
    """A table with columns `id` and `text` (and others of `FIELDS`) as lines."""
    if missing := {"id", "text"}.difference(table.column_names):
        raise ValueError(f"no column {' and '.join(sorted(missing))}, only {table.column_names}")
    rows = table.select([name for name in table.column_names if name in FIELDS]).to_pylist()
    lines = [
        json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False, default=str)
        for row in rows
    ]
    return table_of_lines((line, None) for line in lines)


def table_of_lines(pairs):
    """(line, None) or (None, answer) pairs as a table of `LINES`."""
    return pa.Table.from_pylist([{"line": line, "answer": answer} for line, answer in pairs], LINES)


def pairs(batch):
    """A table or batch of `LINES` as (line, answer) pairs."""
    columns = batch.to_pydict()
    return zip(columns["line"], columns["answer"])


def answers_of_pairs(kuaibao, lines):
    """The answers to (line, None) and (None, answer) pairs, the latter's first come out when met."""
    ready = collections.deque()

    def unanswered():
        for line, answer in lines:
            if answer is None:
                yield line
            else:
                ready.append(answer)

    for answer in kuaibao.briefs(unanswered()):
        yield answer
        while ready:
            yield ready.popleft()
    yield from ready


def table(batch):
    """A batch as a table."""
    return pa.Table.from_batches([batch])


def tables_of_briefs(answers, rows=256):
    """Answers of `--jsonl` as tables of `BRIEFS`, so many rows at a time."""
    answers = iter(answers)
    while some := list(itertools.islice(answers, rows)):
        yield table_of_briefs(some)


def table_of_briefs(answers):
    """Answers of `--jsonl` as a table of `BRIEFS`."""
    return pa.Table.from_pylist([_brief(answer) for answer in answers], BRIEFS)


def table_of_figures(briefs):
    """The figures of a table of `BRIEFS`."""
    return _exploded(briefs, "figures", _figure, FIGURES)


def table_of_people(briefs):
    """The people of a table of `BRIEFS`."""
    return _exploded(briefs, "people", _person, PEOPLE)


def _brief(answer):
    brief = json.loads(answer)
    identity = brief.get("id", brief.get("source"))
    if not isinstance(identity, (str, type(None))):
        identity = json.dumps(identity)
    headline, checks = brief.get("headline") or {}, brief.get("checks") or {}
    return {
        "id": identity,
        "error": brief.get("error"),
        "paper": brief.get("paper"),
        "date": brief.get("date"),
        "headline_zh": headline.get("zh"),
        "headline_en": headline.get("en"),
        "summary_en": " ".join(sentence["en"] for sentence in brief.get("summary", [])),
        "sentences": checks.get("sentences"),
        "doubtful": checks.get("doubtful"),
        "brief": answer,
    }


def _exploded(briefs, field, row, schema):
    rows = []
    for identity, brief in zip(briefs["id"].to_pylist(), briefs["brief"].to_pylist()):
        rows += [row(identity, record) for record in json.loads(brief).get(field, [])]
    return pa.Table.from_pylist(rows, schema)


def _figure(identity, record):
    value = record["value"]
    low, high = (value + [None])[:2] if isinstance(value, list) else (value, None)
    dated = isinstance(value, str)
    return record | {
        "id": identity,
        "value": None if dated or low is None else float(low),
        "to": None if high is None else float(high),
        "edtf": value if dated else None,
    }


def _person(identity, record):
    return record | {"id": identity, "mentions": len(record["mentions"])}
