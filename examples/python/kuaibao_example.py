"""What the examples for Ray and Spark share: their command line, kinds of inputs, their last word.

Standard library alone.
"""

import argparse
import os
import pathlib
import sys

# Pages that are read in one piece of work: reading is quick, and a page may hold many articles.
FILES_A_BLOCK = 32


def command_line(doc, processes, block, articles):
    """The options, and flags for `kuaibao brief`: what is not known here, and how many workers.

    `processes` and `block` are what the engine calls its workers and its pieces of work; `articles`
    is how many articles a piece has.
    """
    parser = argparse.ArgumentParser(description=doc.split("\n")[0], allow_abbrev=False)
    parser.add_argument("inputs", nargs="+", help="Parquet, JSON Lines, or folders of pages")
    parser.add_argument("-o", "--output", required=True, help="folder for the Parquet files")
    parser.add_argument(processes, dest="processes", type=int, default=2,
                        help="kuaibao processes at once (one a machine is best)")
    parser.add_argument("--workers", type=int, help="cores of each (default: this machine's, shared out)")
    parser.add_argument(block, dest="block", type=int, default=articles,
                        help="articles that are done again at worst")
    options, flags = parser.parse_known_args()
    if os.path.exists(options.output):
        parser.error(f"{options.output} exists already")
    options.workers = options.workers or max(1, (os.cpu_count() or 1) // options.processes)
    return options, [*flags, "--workers", str(options.workers)]


def is_pages(path):
    """Whether an input is a folder of pages, not of Parquet files."""
    return os.path.isdir(path) and not any(pathlib.Path(path).rglob("*.parquet"))


def is_lines(path):
    """Whether an input is JSON Lines."""
    return path.removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def last_word(rows, failed, output):
    """Says what was done and what failed; the exit code."""
    for row in failed:
        print(f"{row['id']}: {row['error']}", file=sys.stderr)
    print(f"{rows - len(failed)} briefs, {len(failed)} failed, in {output}")
    return 1 if failed else 0
