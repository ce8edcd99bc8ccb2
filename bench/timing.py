"""Contestants as processes, and how they are timed."""

import array
import math
import os
import pathlib
import statistics
import subprocess
import tempfile


class Effort:
    def __init__(self, quick):
        self.batch = 0.03 if quick else 0.1  # seconds of one batch
        self.least = 5 if quick else 9  # batches
        self.most = 9 if quick else 41
        self.spread = 0.03  # of the median: enough is known


def pin():
    """One core for this process and all it starts; the last one, which interrupts use least."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Contestant:
    def __init__(self, name, command, folder):
        """Runs in the folder, where some peers leave files."""
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
        self.counts, self.times = {}, {"value": [], "derivative": []}
        answer = self.process.stdout.readline().split(maxsplit=1)
        self.skipped = None if answer and answer[0] == "ready" else (answer + ["ended", "ended"])[1].strip()
        self.preparation = float(answer[1]) if not self.skipped else math.nan
        self.numbers = array.array("d")
        if self.skipped:
            self.quit()

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def check(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "numbers"
            answer = self.ask(f"check {path}")
            if answer[:1] == ["checked"]:
                self.numbers.frombytes(path.read_bytes())

    def seconds(self, kind, count):
        answer = self.ask(f"time {kind} {count}")
        return float(answer[1]) if answer[:1] == ["took"] else -1.0

    def calibrate(self, kind, batch):
        """How many evaluations a batch takes; 0: there are none of this kind."""
        count = 1
        while True:
            taken = self.seconds(kind, count)
            if taken < 0:
                count = 0
            if taken < 0 or taken >= batch / 2:
                break
            count = max(2 * count, int(count * batch / max(taken, 1e-9) / 2))
        self.counts[kind] = count

    def batch(self, kind):
        if self.counts[kind]:
            self.times[kind].append(self.seconds(kind, self.counts[kind]) / self.counts[kind])

    def result(self):
        medians = {kind: statistics.median(times) if times else math.nan for kind, times in self.times.items()}
        return {"side": self.name, "preparation": self.preparation, "seconds": medians, "spread": spread(self.times)}

    def quit(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.write("quit\n")
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        self.process.wait()


def spread(times):
    """Half the width of the middle half, relative to the median."""
    taken = times["derivative"]
    if len(taken) < 4:
        return math.nan
    first, middle, third = statistics.quantiles(taken, n=4)
    return (third - first) / 2 / middle


def difference(a, b):
    if len(a) != len(b):
        return math.inf
    scale = max(map(abs, b), default=0.0) or 1.0
    largest = 0.0
    for x, y in zip(a, b):
        error = abs(x - y)
        if not error <= largest:  # NaN too
            largest = error
    return largest / scale


def disagreements(contestants, most):
    """Names and errors of those that differ from the first."""
    for contestant in contestants:
        contestant.check()
    wrong = []
    for contestant in contestants[1:]:
        error = difference(contestant.numbers, contestants[0].numbers)
        if not error <= most:
            wrong.append((contestant.name, error))
    for contestant in contestants:
        contestant.numbers = array.array("d")
    return wrong


def take_times(contestants, effort):
    """Batches in turn, so that a slow moment of the machine meets all; more where they scatter."""
    kinds = ("value", "derivative")
    for contestant in contestants:
        for kind in kinds:
            contestant.calibrate(kind, effort.batch)
    for done in range(effort.most):
        for contestant in contestants:
            for kind in kinds:
                contestant.batch(kind)
        if done + 1 >= effort.least and all(spread(c.times) <= effort.spread for c in contestants):
            break
