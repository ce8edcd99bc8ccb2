"""Numbers are read and written alike in a program whose locale has a decimal comma.

Usage: locale_test.py DECIMAL_COMMA FILE...
Makes the locale in a temporary folder (Debian's package locales).
"""

import os
import subprocess
import sys
import tempfile

NAME = "de_DE.UTF-8"


def lines_of(program, locale, files, folder):
    environment = dict(os.environ, LOCPATH=folder)
    done = subprocess.run([program, locale, *files], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(f"{locale}: {done.stderr}\n0 passed, 1 failed")
    return done.stdout.splitlines()


def main(program, files):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", f"{folder}/{NAME}"], check=True)
        plain, comma = lines_of(program, "C", files, folder), lines_of(program, NAME, files, folder)
    wrong = [f"for {a!r} there is {b!r}" for a, b in zip(plain[1:], comma[1:]) if a != b]
    if (plain[0], comma[0]) != (".", ","):
        wrong.append(f"decimal points are {plain[0]} and {comma[0]}")
    if len(plain) != len(comma) or len(plain) < 100:
        wrong.append(f"{len(plain)} lines and {len(comma)}")
    print("\n".join(wrong[:20]))
    passed = len(plain) - len(wrong)
    print(f"{passed} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
