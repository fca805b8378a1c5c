#!/usr/bin/env python3
"""Load on a desk: so many clients for so long, each answer held to the one that a quiet desk gave.

    kuaibao serve /tmp/desk --port 5150 --quiet &
    benches/serve.py --pid $! [--clients 64] [--seconds 60] [--url http://127.0.0.1:5150]

Prints requests, refusals (429, asked again), answers that are missing or another, the latency of those that
were answered (p50, p95, longest) and the memory of the server in the course of it. The sentences are those of
tests/fixtures/bundled. Standard library alone.
"""

import argparse
import json
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SENTENCES = Path(__file__).resolve().parent.parent / "tests/fixtures/bundled/sentences.zh.txt"


def ask(url, text):
    """The English of a text, and how often the desk said that it is full."""
    body = json.dumps({"q": text, "source": "zh", "target": "en"}).encode()
    refused = 0
    while True:
        request = urllib.request.Request(url + "/translate", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["translatedText"], refused
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            refused += 1
            time.sleep(0.25)


def memory(pid):
    """MiB that the process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:5150")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pid", type=int)
    args = parser.parse_args()
    sentences = SENTENCES.read_text(encoding="utf-8").split("\n")
    sentences = [s for s in sentences if s.strip()]
    right = {s: ask(args.url, s)[0] for s in sentences}
    lock, times, refused, wrong, lost = threading.Lock(), [], [0], [], []
    end = time.monotonic() + args.seconds
    held = []

    def client(number):
        at = number * 7
        while time.monotonic() < end:
            text = sentences[at % len(sentences)]
            at += 1
            began = time.monotonic()
            try:
                english, again = ask(args.url, text)
            except Exception as error:  # whatever it is, an answer is lost
                with lock:
                    lost.append(repr(error))
                continue
            with lock:
                times.append(time.monotonic() - began)
                refused[0] += again
                if english != right[text]:
                    wrong.append((text, english, right[text]))

    threads = [threading.Thread(target=client, args=(i,)) for i in range(args.clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if args.pid:
            held.append(memory(args.pid))
        time.sleep(1)
    times.sort()
    print(f"{args.clients} clients, {args.seconds:.0f} s: {len(times)} answers, {len(times) / args.seconds:.1f}/s, "
          f"{refused[0]} refusals (429, asked again), {len(lost)} lost, {len(wrong)} other than alone")
    if times:
        of = lambda share: times[min(len(times) - 1, int(share * len(times)))]
        print(f"latency: p50 {of(.5):.3f} s, p95 {of(.95):.3f} s, longest {times[-1]:.3f} s")
    if held:
        tenth = max(1, len(held) // 10)
        mean = lambda part: sum(part) / len(part)
        print(f"memory: {mean(held[:tenth]):.0f} MiB in the first tenth, {mean(held[-tenth:]):.0f} in the last, most {max(held):.0f}")
    for example in (wrong[:3] + lost[:3]):
        print(example)


main()
