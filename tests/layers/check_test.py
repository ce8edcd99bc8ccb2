"""The checker of the house rules must object to what it is there for."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check

LONG_FUNCTION = "int f(void) {\n" + "    ;\n" * 80 + "}\n"
BAD = {
    "src/ir/a.c": ('#include "sema/model.h"\n', "ir must not include sema"),
    "src/descend/b.c": ('#include "ir/graph.h"\n', "descend must not include ir"),
    "src/emit/c.c": ('#include "jit/engine.h"\n', "emit must not include jit"),
    "src/api/d.c": ("#include <llvm-c/Core.h>\n", "only src/jit"),
    "src/cli/e.c": ('#include "sema/model.h"\n', "cli must not include sema"),
    "src/ir/f.c": ("int a;\n" * 701, "701 lines"),
    "src/ir/g.c": (LONG_FUNCTION, "a function of 82 lines"),
    "src/ir/h.c": ('void f(void) { printf("x"); }\n', "must not use printf"),
    "src/ir/i.c": ("void f(void) { fputs(s, stderr); }\n", "must not use stderr"),
    "src/what/j.c": ("int a;\n", "no known layer"),
    "src/support/k.h": ('#include "gradc/gradc.h"\n', "public header"),
}
GOOD = {
    "src/jit/a.c": '#include <llvm-c/Core.h>\n#include "schedule/plan.h"\n',
    "src/cli/b.c": '#include <stdio.h>\n#include "gradc/gradc.h"\n#include "cli/options.h"\nint f(void) { return printf("x"); }\n',
    "src/ir/c.c": '/* printf( and stderr in a comment */\nconst char *s = "exit(1)";\nint snprintf(void);\n',
    "src/ir/d.c": LONG_FUNCTION.replace("    ;\n", "", 1).replace("    ;\n", "", 1),
}


def complaints_about(name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return check.check(folder)[1]


def main():
    failures = 0
    for name, (text, expected) in BAD.items():
        found = complaints_about(name, text)
        if len(found) != 1 or expected not in found[0]:
            failures += 1
            print(f"{name}: expected one complaint with '{expected}', got {found}")
    for name, text in GOOD.items():
        found = complaints_about(name, text)
        if found:
            failures += 1
            print(f"{name}: expected none, got {found}")
    print(f"{len(BAD) + len(GOOD) - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
