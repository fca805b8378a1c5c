"""One `kuaibao brief --jsonl` process, kept for as long as there is work, and fed line by line.

In: JSON objects `{"id", "text", ...}`, one a line, passed on as they are. Out: one answer line for
each, in the same order: a brief, or `{"id", "error"}`. Standard library alone.

The process holds a model and all its threads, so an engine's worker keeps one and sends everything
through it. It may be killed at any moment (by the system for its memory, by hand, by a defect that
one record brings out): then it is started again and what it had not answered is sent again, one
line at a time until past the place. A line on which it ends twice is answered with an error; no
other line is lost or answered twice, because a brief is a pure function of its line.
"""

import collections
import itertools
import json
import os
import queue
import subprocess
import sys
import threading

# How often a line is tried alone before it is given up.
TRIES = 2
# How often in a row the process is started when it is killed before it has answered the probe.
STARTS = 4
PROBE = '{"id":"probe","text":"你好。"}'


class KuaibaoError(Exception):
    """The program cannot run here, whatever it is sent."""


class Kuaibao:
    """A process and its pipes. `args` are flags of `kuaibao brief`, such as `["--beam", "1"]`.

    `ahead` lines are sent before the first is answered: enough to keep every thread of the process
    busy, and a bound on what a killed process has to do again.
    """

    def __init__(self, args=(), program=None, ahead=64):
        self.command = [_program(program), "brief", "--jsonl", "--quiet", *args]
        self.ahead = ahead
        self.restarts = -1
        self._process = None

    def briefs(self, lines):
        """Yields an answer line for each line; draws from `lines` only as far as it is ahead."""
        lines = (line.replace("\n", " ") for line in lines if line.strip())
        waiting = collections.deque()
        try:
            yield from self._answered(lines, waiting)
        finally:
            if waiting:
                # Nobody will take these answers; the next lines must not get them.
                self._kill()

    def _answered(self, lines, waiting):
        # Lines of `waiting` that the present process has; lines left to send one at a time; ends
        # of the process while it had the first line alone.
        sent, carefully, ends = 0, 0, 0
        if self._process is None:
            self._start()
        while True:
            waiting.extend(itertools.islice(lines, self.ahead - len(waiting)))
            if not waiting:
                return
            while sent < min(len(waiting), 1 if carefully else self.ahead):
                self._send(waiting[sent])
                sent += 1
            answer = self._answers.get()
            if answer is None:
                # Not everything in hand need be its fault; the first line alone is, if it is alone.
                ends += sent == 1
                carefully = max(carefully, sent)
                sent = 0
                self._kill()
                self._start()
                if ends < TRIES:
                    continue
                answer = self._given_up(waiting[0])
            else:
                sent -= 1
            waiting.popleft()
            carefully, ends = max(carefully - 1, 0), 0
            yield answer

    def close(self):
        """Lets the process finish and waits for it."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def _kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self):
        """Starts the process; it must answer one harmless line before it is trusted with others.

        Where it cannot run it ends with a code of its own; one that is killed (for its memory, by
        hand) is started again.
        """
        for _ in range(STARTS):
            code, said = self._started()
            if code is None:
                return
            if code >= 0:
                break
        raise KuaibaoError(f"{' '.join(self.command)} ended with {code}: {' '.join(said)}")

    def _started(self):
        """One start: no code, or that of a process which has not answered, and what it said."""
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, stderr=pipe)
        except OSError as error:
            raise KuaibaoError(f"{self.command[0]} cannot be started: {error}") from error
        self.restarts += 1
        self._answers = queue.SimpleQueue()
        said = collections.deque(maxlen=20)
        reading = [
            threading.Thread(target=target, args=args, daemon=True)
            for target, args in [
                (_read_answers, (self._process.stdout, self._answers)),
                (_read_messages, (self._process.stderr, said)),
            ]
        ]
        for thread in reading:
            thread.start()
        self._send(PROBE)
        if self._answers.get() is not None:
            return None, said
        code = self._process.wait()
        reading[1].join()
        self._process = None
        return code, said

    def _send(self, line):
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            # It has ended; the reader of its answers finds out.
            pass

    def _given_up(self, line):
        try:
            identity = json.loads(line).get("id")
        except (ValueError, AttributeError):
            identity = None
        error = f"the process ended {TRIES} times on this record"
        return json.dumps({"id": identity, "error": error}, ensure_ascii=False)


def kept(args):
    """The process of this Python worker with these flags, started when first asked for."""
    key = tuple(args)
    if key not in _KEPT:
        _KEPT[key] = Kuaibao(args)
    return _KEPT[key]


_KEPT = {}


def _program(program):
    program = program or os.environ.get("KUAIBAO") or "kuaibao"
    return os.path.abspath(program) if os.path.dirname(program) else program


def _read_answers(stdout, answers):
    for line in stdout:
        # A process that is killed may leave half a line.
        if line.endswith(b"\n"):
            answers.put(line.decode().rstrip("\n"))
    answers.put(None)


def _read_messages(stderr, said):
    for line in stderr:
        line = line.decode(errors="replace").rstrip()
        said.append(line)
        print(line, file=sys.stderr, flush=True)


# What `kuaibao brief` takes from a folder.
EXTENSIONS = "txt text md markdown html htm docx pdf json".split()


def files_of(folder):
    """The files in a folder that kuaibao would read, as paths inside it, in the order of names."""
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            known = name.rpartition(".")[2].lower() in EXTENSIONS
            if known and not name.startswith(".") and not name.lower().startswith("readme"):
                yield os.path.relpath(os.path.join(base, name), folder)


def articles_of_files(folder, paths, program=None):
    """The articles of files of a folder, of any kind that kuaibao reads: (line, None) for each.

    `kuaibao split` cuts each page into its articles; an article's id is `path#number`. A file that
    cannot be read yields (None, answer), the answer being `{"id": path, "error"}`.
    """
    paths = list(paths)
    pages, failed, message = _split(folder, paths, program)
    if failed and len(paths) > 1:
        for path in paths:
            yield from articles_of_files(folder, [path], program)
        return
    for page in pages:
        for article in page["articles"]:
            record = {
                "id": f"{page['source']}#{article['id']}",
                "text": "\n".join(article["paragraphs"]),
                "title": article["headline"],
                "date": page["date"],
                "paper": page["paper"],
            }
            record = {key: value for key, value in record.items() if value is not None}
            yield json.dumps(record, ensure_ascii=False), None
    if failed:
        yield None, json.dumps({"id": paths[0], "error": message}, ensure_ascii=False)


def _split(folder, paths, program):
    command = [_program(program), "split", "--json", "--", *paths]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    message = " ".join(done.stderr.decode(errors="replace").split())
    return pages, done.returncode != 0, message
