"""Briefs of many articles with Ray Data: an actor keeps one `kuaibao brief --jsonl` process.

    python examples/ray/brief.py articles.parquet news.jsonl inputs/ -o briefs/ --beam 1

Reads Parquet and JSON Lines (`id`, `text`, and `title`, `date`, `paper`, ... where there are any)
and folders of pages; writes Parquet to `briefs/briefs`, `briefs/figures` and `briefs/people`.
Flags it does not know go to `kuaibao brief`. On a cluster: `RAY_ADDRESS=auto`, with the program on
each node (`$KUAIBAO` or on the path).

Ray counts a block of `--block` articles as one piece of work: when an actor or its machine is lost
the block is done again elsewhere and written under the same name, so nothing is lost or double.
"""

import os
import pathlib
import shutil
import sys

import ray

MODULES = pathlib.Path(__file__).resolve().parent.parent / "python"
sys.path.insert(0, str(MODULES))

from kuaibao_example import FILES_A_BLOCK, command_line, is_lines, is_pages, last_word  # noqa: E402
from kuaibao_jsonl import Kuaibao, articles_of_files, files_of  # noqa: E402
from kuaibao_rows import (  # noqa: E402
    answers_of_pairs,
    lines_of_table,
    pairs,
    table_of_briefs,
    table_of_figures,
    table_of_lines,
    table_of_people,
)


class Brief:
    """An actor. Ray starts it again when it dies; its process ends with it, its input closed."""

    def __init__(self, args):
        self.kuaibao = Kuaibao(args)

    def __call__(self, lines):
        return table_of_briefs(answers_of_pairs(self.kuaibao, pairs(lines)))


def articles(files):
    """The articles of some files of one folder."""
    return table_of_lines(articles_of_files(files["folder"][0].as_py(), files["path"].to_pylist()))


def lines_of_text(table):
    return table_of_lines((line, None) for line in table["text"].to_pylist())


def dataset(path, block):
    """One input as a dataset of lines, `block` a block."""
    arrow = {"batch_format": "pyarrow"}
    # Workers have a working directory of their own; what is no local path is an address.
    path = os.path.abspath(path) if os.path.exists(path) else path
    if is_pages(path):
        files = ray.data.from_items([{"folder": path, "path": file} for file in files_of(path)])
        files = files.repartition(target_num_rows_per_block=FILES_A_BLOCK)
        lines = files.map_batches(articles, batch_size=None, **arrow)
    elif is_lines(path):
        lines = ray.data.read_text(path).map_batches(lines_of_text, batch_size=None, **arrow)
    else:
        lines = ray.data.read_parquet(path).map_batches(lines_of_table, batch_size=None, **arrow)
    return lines.repartition(target_num_rows_per_block=block, strict=True)


def main():
    options, flags = command_line(__doc__, "--actors", "--block", 256)
    if not os.environ.get("RAY_ADDRESS"):
        # One core more than there are: reading and writing need little, but must find a place.
        ray.init(num_cpus=options.processes * options.workers + 1, include_dashboard=False,
                 runtime_env={"working_dir": str(MODULES)})
    else:
        ray.init(runtime_env={"working_dir": str(MODULES)})

    first, *others = [dataset(path, options.block) for path in options.inputs]
    lines = first.union(*others) if others else first
    briefs = lines.map_batches(
        Brief,
        fn_constructor_args=(flags,),
        batch_size=None,
        batch_format="pyarrow",
        num_cpus=options.workers,
        compute=ray.data.ActorPoolStrategy(size=options.processes),
    )
    # Written under another name first: a folder that is there is whole.
    unfinished = os.path.abspath(options.output) + ".unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    briefs.write_parquet(f"{unfinished}/briefs")
    written = ray.data.read_parquet(f"{unfinished}/briefs")
    for name, table_of in [("figures", table_of_figures), ("people", table_of_people)]:
        table = written.map_batches(table_of, batch_size=None, batch_format="pyarrow")
        table.write_parquet(f"{unfinished}/{name}")
    failed = written.filter(lambda row: row["error"] is not None).take_all()
    rows = written.count()
    os.rename(unfinished, options.output)
    return last_word(rows, failed, options.output)


if __name__ == "__main__":
    sys.exit(main())
