"""A long run under attack: 2,000 mixed files, ten of them hostile, three kills, two Ctrl-C, one full
disk, two processes. Ends with every article of the good files byte-identical to a quiet run.

    python3 benches/soak.py target/release/kuaibao [--files 2000] [--translator MODEL] [--keep DIR]

Needs nothing but Python. The full disk is a small tmpfs, which only root can mount: skipped, saying so,
where that is refused. Prints what happened and the memory of the quiet run as a curve.
"""

import argparse
import json
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PLACES = ["青河县", "云湖市", "白鹭港", "何家镇", "北山村", "南湾区"]
PEOPLE = ["周文远", "何润生", "沈克勤", "高若兰", "马长顺"]


def article(number: int, draw: random.Random) -> str:
    place, person = draw.choice(PLACES), draw.choice(PEOPLE)
    head = f"{place}第{number}号工程开工\n\n"
    lead = f"　　本报讯 （记者 {draw.choice(PEOPLE)}）3月17日，{place}第{number}号工程开工，总投资{draw.randint(1, 900)}.{number % 10}亿元。\n\n"
    body = ""
    for part in range(draw.randint(1, 4)):
        body += (
            f"　　{place}交通局局长{person}介绍，今年新修公路{draw.randint(10, 900)}公里，比去年增长{draw.randint(1, 40)}%。"
            f"{person}说：“第{part + 1}段路通了，山里的茶叶当天就能运到城里。”\n\n"
        )
    return head + lead + body


def write_good(folder: Path, count: int) -> None:
    for number in range(count):
        draw = random.Random(number)
        text = article(number, draw)
        path = folder / f"{number // 100:02}" / f"{number:04}"
        path.parent.mkdir(exist_ok=True)
        match number % 5:
            case 0 | 1:
                path.with_suffix(".txt").write_text(text, encoding="utf-8")
            case 2:
                path.with_suffix(".txt").write_bytes(text.encode("gb18030"))
            case 3:
                lines = text.strip().split("\n\n")
                path.with_suffix(".md").write_text("# " + "\n\n".join(lines), encoding="utf-8")
            case 4:
                head, *lines = text.strip().split("\n\n")
                body = "".join(f"<p>{line.strip()}</p>\n" for line in lines)
                page = f"<html><head><title>{head}</title></head><body><article><h1>{head}</h1>\n{body}</article></body></html>"
                path.with_suffix(".html").write_text(page, encoding="utf-8")


def write_hostile(folder: Path) -> None:
    bad = folder / "hostile"
    bad.mkdir()
    (bad / "ranges.txt").write_text("1至" * 50_000, encoding="utf-8")
    (bad / "lines.txt").write_text("云州港开工。" * 10_000, encoding="utf-8")
    (bad / "angles.html").write_text("<" * 1_000_000)
    (bad / "ampersands.html").write_text("&" * 1_000_000)
    (bad / "comments.html").write_text("<!--" * 200_000)
    (bad / "binary.txt").write_bytes(bytes(range(256)) * 100)
    (bad / "large.txt").write_bytes(b"a" * (17 << 20))
    (bad / "cut.docx").write_bytes(b"PK\x03\x04" + bytes(1000))
    (bad / "cut.pdf").write_bytes(b"%PDF-1.7\n" + b"[" * 100_000)
    (bad / "typo.json").write_text(
        '{"schema":"kuaibao.split/1","source":"p.txt","encoding":"UTF-8","articles":[{"id":"1","paragraph":["x"]}]}'
    )


class Run:
    def __init__(self, command: list[str]):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stderr=self.log, stdout=subprocess.DEVNULL)
        self.memory: list[int] = []
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        status = Path(f"/proc/{self.process.pid}/status")
        while self.process.poll() is None:
            try:
                line = next(l for l in status.read_text().splitlines() if l.startswith("VmRSS"))
                self.memory.append(int(line.split()[1]) // 1024)
            except (OSError, StopIteration):
                return
            time.sleep(1)

    def reaches(self, out: Path, pages: int) -> bool:
        """Waits until so many pages are done; whether the process is still at work then."""
        while self.process.poll() is None:
            if sum(1 for _ in out.glob("*/*/1.json")) >= pages:
                return True
            time.sleep(0.05)
        return False

    def end(self) -> int:
        return self.process.wait()

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


def articles(out: Path, folder: str) -> dict[str, bytes]:
    """Every file of a page that is not hostile; ledgers too."""
    found = {}
    for path in out.rglob("*"):
        name = path.relative_to(out)
        if path.is_file() and len(name.parts) > 1 and "hostile" not in name.parts:
            found[str(name)] = path.read_bytes()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kuaibao")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--translator")
    parser.add_argument("--keep")
    options = parser.parse_args()
    work = Path(options.keep or tempfile.mkdtemp(prefix="soak-"))
    inputs = work / "inputs"
    inputs.mkdir(parents=True)
    write_good(inputs, options.files - 10)
    write_hostile(inputs)

    def command(out: Path) -> list[str]:
        model = ["--translator", options.translator] if options.translator else []
        return [options.kuaibao, "brief", str(inputs), "-o", str(out), "--beam", "1", "-q", *model]

    failures = []

    def check(what: str, right: bool) -> None:
        print(f"{'ok  ' if right else 'FAIL'} {what}", flush=True)
        if not right:
            failures.append(what)

    quiet = work / "quiet"
    started = time.time()
    run = Run(command(quiet))
    code = run.end()
    seconds = time.time() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"     {options.translator or 'the bundled model'}: {used.ru_utime + used.ru_stime:.0f} s of CPU")
    check(f"a quiet run ends with 1 after {seconds:.0f} s (it ended with {code})", code == 1)
    curve = run.memory[:: max(1, len(run.memory) // 20)]
    print(f"     memory in MiB: {curve}")
    record = json.loads((quiet / "run.json").read_text())
    failed = [e["source"] for e in record["entries"] if e["status"] == "failed"]
    print(f"     failed: {failed}")
    check("only hostile files failed", all(name.startswith("hostile/") for name in failed))
    good = articles(quiet, "quiet")

    # Each comes when so many of the pages are done, however fast the machine is.
    noisy = work / "noisy"
    kinds = ["kill", "interrupt", "kill", "two", "interrupt", "kill"]
    for number, kind in enumerate(kinds, 1):
        run = Run(command(noisy))
        wanted = options.files * number // (len(kinds) + 1)
        under_way = run.reaches(noisy, wanted)
        check(f"{kind}: {wanted} pages are done, and it is under way", under_way)
        if kind == "kill":
            run.process.kill()
            run.end()
        elif kind == "interrupt":
            at = time.time()
            run.process.send_signal(signal.SIGINT)
            code = run.end()
            check(f"Ctrl-C ends it with 130 within 2 s ({code}, {time.time() - at:.1f} s)", code == 130 and time.time() - at < 2)
        else:
            second = subprocess.run(command(noisy), capture_output=True, text=True)
            check("a second process is refused", second.returncode == 2 and "another kuaibao" in second.stderr)
            run.process.terminate()
            run.end()
    code = Run(command(noisy)).end()
    check(f"the run that goes on ends with 1 ({code})", code == 1)
    check("every article of the good files is byte-identical", articles(noisy, "noisy") == good)

    disk = work / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        print("     skipped: no full disk without the right to mount one")
    else:
        try:
            out = disk / "out"
            run = Run(command(out))
            code = run.end()
            record = json.loads((out / "run.json").read_text())
            states = [entry["status"] for entry in record["entries"]]
            check(f"a full disk ends it with 1 ({code})", code == 1)
            check("run.json names what is missing", states.count("failed") > len(failed))
            done = {name: data for name, data in articles(out, "disk").items() if name.endswith(".json") and not name.endswith("page.json")}
            whole = all(good.get(name) == data for name, data in done.items())
            check(f"the {len(done)} articles that are there are whole", whole and done)
        finally:
            subprocess.run(["umount", str(disk)], check=False)
    if not options.keep:
        shutil.rmtree(work)
    print("FAILED: " + "; ".join(failures) if failures else "all well")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
