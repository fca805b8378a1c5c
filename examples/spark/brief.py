"""Briefs of many articles with Spark: `mapInArrow`, a `kuaibao brief --jsonl` process a Python worker.

    python examples/spark/brief.py articles.parquet news.jsonl inputs/ -o briefs/ --beam 1

Reads Parquet and JSON Lines (`id`, `text`, and `title`, `date`, `paper`, ... where there are any)
and folders of pages; writes Parquet to `briefs/briefs`, `briefs/figures` and `briefs/people`.
Flags it does not know go to `kuaibao brief`. On a cluster: `spark-submit --py-files
examples/python/kuaibao_jsonl.py,examples/python/kuaibao_rows.py`, with the program on each node
(`$KUAIBAO` or on the path).

A partition is one piece of work for Spark: when its Python worker or its machine is lost it is done
again, and only one try of each is committed, so nothing is lost or double.
"""

import os
import pathlib
import sys

from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

MODULES = pathlib.Path(__file__).resolve().parent.parent / "python"
sys.path.insert(0, str(MODULES))

from kuaibao_example import FILES_A_BLOCK, command_line, is_lines, is_pages, last_word  # noqa: E402
import kuaibao_jsonl  # noqa: E402
import kuaibao_rows as rows  # noqa: E402


def brief(args):
    """A function from batches of lines to batches of briefs, for `mapInArrow`."""

    def run(batches):
        kuaibao = kuaibao_jsonl.kept(args)
        lines = (line for batch in batches for line in rows.pairs(batch))
        for table in rows.tables_of_briefs(rows.answers_of_pairs(kuaibao, lines)):
            yield from table.to_batches()

    return run


def each(table_of):
    """A function from batches to batches, batch by batch."""

    def run(batches):
        for batch in batches:
            yield from table_of(rows.table(batch)).to_batches()

    return run


def articles(batches):
    for batch in batches:
        files = batch.to_pydict()
        if files["path"]:
            pairs = kuaibao_jsonl.articles_of_files(files["folder"][0], files["path"])
            yield from rows.table_of_lines(pairs).to_batches()


def lines_of(spark, path):
    """One input as a data frame of lines."""
    schema = from_arrow_schema(rows.LINES)
    if is_pages(path):
        folder = os.path.abspath(path)
        files = [(folder, file) for file in kuaibao_jsonl.files_of(folder)]
        blocks = [files[i : i + FILES_A_BLOCK] for i in range(0, len(files), FILES_A_BLOCK)]
        rdd = spark.sparkContext.parallelize(blocks, len(blocks) or 1).flatMap(lambda block: block)
        return spark.createDataFrame(rdd, "folder string, path string").mapInArrow(articles, schema)
    if is_lines(path):
        # Not Spark's reader of JSON: what is a bad line and what an id is, the program says.
        return spark.read.text(path).selectExpr("value AS line", "CAST(NULL AS string) AS answer")
    return spark.read.parquet(path).mapInArrow(each(rows.lines_of_table), schema)


def main():
    options, flags = command_line(__doc__, "--processes", "--partition", 1024)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Four tries of each partition, as on a cluster; a master that is configured wins.
    builder = SparkSession.builder.appName("kuaibao").config("spark.ui.showConsoleProgress", "false")
    # Briefs are JSON, which this packs better than snappy, the default.
    builder = builder.config("spark.sql.parquet.compression.codec", "zstd")
    if "SPARK_MASTER" in os.environ:
        builder = builder.master(os.environ["SPARK_MASTER"])
    elif not os.environ.get("SPARK_ENV_LOADED"):
        builder = builder.master(f"local[{options.processes},4]")
    spark = builder.getOrCreate()
    for module in ("kuaibao_jsonl.py", "kuaibao_rows.py"):
        spark.sparkContext.addPyFile(str(MODULES / module))

    lines = lines_of(spark, options.inputs[0])
    for path in options.inputs[1:]:
        lines = lines.union(lines_of(spark, path))
    lines = lines.cache()
    partitions = max(options.processes, -(-lines.count() // options.block))
    process = brief(flags)
    briefs = lines.repartition(partitions).mapInArrow(process, from_arrow_schema(rows.BRIEFS))
    briefs.write.parquet(f"{options.output}/briefs")
    written = spark.read.parquet(f"{options.output}/briefs")
    for name, table_of, schema in [
        ("figures", rows.table_of_figures, rows.FIGURES),
        ("people", rows.table_of_people, rows.PEOPLE),
    ]:
        columns = written.select("id", "brief")
        columns.mapInArrow(each(table_of), from_arrow_schema(schema)).write.parquet(f"{options.output}/{name}")
    failed = written.where("error IS NOT NULL").select("id", "error").collect()
    count = written.count()
    spark.stop()
    return last_word(count, failed, options.output)


if __name__ == "__main__":
    sys.exit(main())
