"""The sides of the comparison: how each is built, and the command that serves a workload."""

import pathlib
import shutil
import subprocess
import sys

NAMES = ["hand", "gradc", "strict", "fast", "emitted", "adolc", "casadi", "jax"]
HERE = pathlib.Path(__file__).resolve().parent
HAND = ["bundle", "chains", "markov", "mixture", "rows"]
# The limits may use everything this machine has.
HAND_FLAGS = ["-std=gnu17", "-O3", "-march=native", "-ffast-math", "-Wno-psabi"]
MODES = {"gradc": "default", "strict": "strict", "fast": "fast"}
PYTHON_PEERS = {"casadi": ["casadi"], "jax": ["jax"]}


def run_quietly(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{' '.join(map(str, command))}:\n{done.stderr[-2000:]}", file=sys.stderr)
    return done.returncode == 0


class Sides:
    def __init__(self, root, build, names):
        self.root, self.build, self.names = root, build, names
        self.folder = build / "bench"
        self.python = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.make()

    def make(self):
        if not (self.build / "CMakeCache.txt").exists():
            run_quietly(["cmake", "-S", self.root, "-B", self.build, "-DCMAKE_BUILD_TYPE=Release", "-DGRADC_TESTS=OFF"])
        if not run_quietly(["cmake", "--build", self.build, "--target", "contest_gradc", "contest_emitted"]):
            sys.exit("gradc does not build")
        sources = [HERE / "contest" / "hand.c", HERE / "contest" / "contest.c"]
        sources += [HERE / "hand" / f"{name}.c" for name in HAND]
        vector = ["-lmvec"] if has_vector_functions(self.folder) else []
        if not run_quietly(["gcc", *HAND_FLAGS, f"-I{HERE}", *sources, "-o", self.folder / "contest_hand", *vector,
                            "-lm"]):
            self.names = [name for name in self.names if name != "hand"]
        self.make_adolc()
        for peer, packages in PYTHON_PEERS.items():
            if peer in self.names:
                self.python[peer] = self.environment(peer, packages)

    def make_adolc(self):
        if "adolc" not in self.names:
            return
        source = HERE / "contest" / "adolc.cpp"
        flags = ["-std=c++17", "-O3", "-march=native", f"-I{HERE}"]
        helper = self.folder / "contest_cpp.o"
        if not (run_quietly(["gcc", "-std=gnu17", "-O2", f"-I{HERE}", "-c", HERE / "contest" / "contest.c", "-o", helper])
                and run_quietly(["g++", *flags, source, helper, "-o", self.folder / "contest_adolc", "-ladolc", "-lm"])):
            print("adolc: skipped; Debian's package is libadolc-dev", file=sys.stderr)
            self.names = [name for name in self.names if name != "adolc"]

    def environment(self, peer, packages):
        """A Python with the packages in a scratch environment; None where they cannot be had."""
        python = self.folder / "python" / "bin" / "python"
        if not python.exists() and not run_quietly([sys.executable, "-m", "venv", self.folder / "python"]):
            return None
        if run_silently([python, "-c", f"import {packages[0]}"]):
            return python
        if run_quietly([python, "-m", "pip", "install", "--quiet", "numpy", *packages]):
            return python
        print(f"{peer}: skipped; pip could not install {' '.join(packages)}", file=sys.stderr)
        return None

    def commands(self, workload):
        """Name and command of each side that takes part."""
        model = HERE / "models" / f"{workload.model}.grad"
        sizes = workload.arguments()
        for name in self.names:
            if name == "hand":
                yield name, [self.folder / "contest_hand", workload.by_hand or workload.model, *sizes]
            elif name in MODES:
                yield name, [self.folder / "contest_gradc", model, workload.kind, MODES[name], *sizes]
            elif name == "emitted":
                folder = self.folder / "emitted_code"
                folder.mkdir(exist_ok=True)
                yield name, [self.folder / "contest_emitted", folder, model, workload.kind, *sizes]
            elif name == "adolc":
                yield name, [self.folder / "contest_adolc", workload.by_hand or workload.model, *sizes]
            elif self.python.get(name):
                yield name, [self.python[name], HERE / "contest" / f"peer_{name}.py", workload.by_hand or workload.model,
                             *sizes]


def run_silently(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def has_vector_functions(folder):
    """Whether the C library has vector functions (libmvec)."""
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    return shutil.which("gcc") is not None and run_silently(["gcc", probe, "-lmvec", "-o", folder / "probe"])
