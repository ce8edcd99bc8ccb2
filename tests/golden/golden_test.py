"""The golden runner must notice every kind of difference, and bless only what differs."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import golden

FAKE = """#!/bin/sh
case "$1" in
hello) echo "hello  $(cat name.txt)" ;;
fail) echo out; echo err >&2; exit 3 ;;
time) echo "took 17 ms"; echo a; echo b; echo end ;;
esac
"""
CASE = """# says hello
--- file name.txt
world
--- commands
$ gradc hello
hello  world
$ gradc fail
2> err
out
[exit 3]
$ gradc time
took [..] ms
...
end
"""
# what to change in CASE, and how many commands must fail then
BROKEN = [("hello  world", "hello world", 1), ("world\n---", "World\n---", 1), ("2> err\n", "", 1), ("out\n", "", 1),
          ("[exit 3]\n", "", 1), ("took [..] ms", "took [..] s", 1), ("end\n", "ende\n", 1), ("2> err", "2> error", 1),
          ("...\nend\n", "...\n", 0), ("...\nend\n", "b\nend\n", 1)]
DOCUMENT = """# Title
```txt file=name.txt
you
```
```console
$ cd somewhere
$ gradc hello
hello  you
$ gradc fail
out
err
[exit 3]
```
"""


def failures_of(gradc, text, suffix=".case", bless=False):
    path = gradc.parent / ("t" + suffix)
    path.write_text(text)
    kind = golden.Case if suffix == ".case" else golden.Document
    return len(kind(path).run(gradc, bless)[1]), path


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        gradc = pathlib.Path(folder, "gradc")
        gradc.write_text(FAKE)
        gradc.chmod(0o755)
        checks = [(CASE, ".case", 0), (DOCUMENT, ".md", 0), (DOCUMENT.replace("err", "er"), ".md", 1),
                  (DOCUMENT.replace("hello  you", "hello you"), ".md", 1)]
        checks += [(CASE.replace(old, new), ".case", count) for old, new, count in BROKEN]
        for text, suffix, count in checks:
            found = failures_of(gradc, text, suffix)[0]
            if found != count:
                wrong.append(f"expected {count} failures, got {found}:\n{text}")
        for text, suffix in [(CASE, ".case"), (DOCUMENT, ".md")]:
            path = failures_of(gradc, text.replace("[exit 3]", "[exit 4]"), suffix, bless=True)[1]
            if path.read_text() != text:
                wrong.append(f"blessing gave:\n{path.read_text()}")
    print("\n".join(wrong))
    print(f"{len(checks) + 2 - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
