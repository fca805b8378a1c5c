"""Tests of `kuaibao_jsonl` with a stand-in for the program that dies when it is told to.

    python3 examples/python/test_kuaibao_jsonl.py
"""

import json
import os
import pathlib
import sys
import tempfile
import unittest

from kuaibao_jsonl import STARTS, TRIES, Kuaibao, KuaibaoError

# Answers each line with its id. Notes its starts; what it does at which start is in `plan`.
STAND_IN = """#!{python}
import json, os, pathlib, signal, sys
folder = pathlib.Path(__file__).parent
starts = folder / "starts"
starts.write_text(starts.read_text() + "x")
plan = json.loads((folder / "plan").read_text())
start = len(starts.read_text()) - 1
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
if "exit" in plan:
    print("no such model", file=sys.stderr)
    sys.exit(plan["exit"])
if start in plan.get("killed_starts", []):
    kill()
answered = 0
for line in sys.stdin:
    identity = json.loads(line)["id"]
    if identity == plan.get("poison"):
        kill()
    if identity != "probe" and start == 0 and answered == plan.get("killed_after"):
        sys.stdout.write('{{"id": "half a li')
        sys.stdout.flush()
        kill()
    answered += identity != "probe"
    print(json.dumps({{"id": identity, "brief": True}}), flush=True)
"""


class Deaths(unittest.TestCase):
    def kuaibao(self, **plan):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(lambda: [file.unlink() for file in folder.iterdir()] and folder.rmdir())
        program = folder / "kuaibao"
        program.write_text(STAND_IN.format(python=sys.executable))
        program.chmod(0o755)
        (folder / "plan").write_text(json.dumps(plan))
        (folder / "starts").write_text("")
        kuaibao = Kuaibao(program=str(program), ahead=8)
        self.addCleanup(kuaibao.close)
        return kuaibao

    def ids(self, kuaibao, count=50):
        lines = (json.dumps({"id": i, "text": "x"}) for i in range(count))
        answers = [json.loads(answer) for answer in kuaibao.briefs(lines)]
        self.errors = [answer["id"] for answer in answers if "error" in answer]
        return [answer["id"] for answer in answers]

    def test_lines_are_answered_in_order_and_the_process_is_kept(self):
        kuaibao = self.kuaibao()
        self.assertEqual(self.ids(kuaibao), list(range(50)))
        self.assertEqual(self.ids(kuaibao), list(range(50)))
        self.assertEqual((kuaibao.restarts, self.errors), (0, []))

    def test_killed_at_any_moment_nothing_is_lost_or_double(self):
        for after in range(12):
            kuaibao = self.kuaibao(killed_after=after)
            self.assertEqual(self.ids(kuaibao), list(range(50)))
            self.assertEqual((kuaibao.restarts, self.errors), (1, []))

    def test_killed_while_it_starts_it_is_started_again(self):
        kuaibao = self.kuaibao(killed_after=3, killed_starts=[1, 2])
        self.assertEqual(self.ids(kuaibao), list(range(50)))
        self.assertEqual((kuaibao.restarts, self.errors), (3, []))

    def test_a_line_on_which_it_ends_costs_itself_alone(self):
        kuaibao = self.kuaibao(poison=20)
        self.assertEqual(self.ids(kuaibao), list(range(50)))
        self.assertEqual(self.errors, [20])
        self.assertLessEqual(kuaibao.restarts, TRIES + 1)

    def test_what_cannot_run_here_is_an_error_that_says_why(self):
        with self.assertRaisesRegex(KuaibaoError, "ended with 2: no such model"):
            self.ids(self.kuaibao(exit=2))
        with self.assertRaisesRegex(KuaibaoError, "ended with -9"):
            self.ids(self.kuaibao(killed_starts=list(range(STARTS))))
        with self.assertRaisesRegex(KuaibaoError, "cannot be started"):
            self.ids(Kuaibao(program="/no/such/kuaibao"))

    def test_answers_that_nobody_takes_are_not_given_to_the_next(self):
        kuaibao = self.kuaibao()
        lines = (json.dumps({"id": f"first {i}"}) for i in range(50))
        next(kuaibao.briefs(lines))
        self.assertEqual(self.ids(kuaibao), list(range(50)))


if __name__ == "__main__":
    sys.stderr, messages = open(os.devnull, "w"), sys.stderr
    unittest.main(testRunner=unittest.TextTestRunner(stream=messages))
