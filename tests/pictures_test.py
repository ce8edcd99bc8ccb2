"""The pictures of the documentation are what gradc and gnuplot make today.

Usage: pictures_test.py [--bless] scripts|drawings GRADC

Documents show a picture below the command that makes it:

    ```sh
    gradc plot FILE ... -o NAME.svg      (or gradc bench FILE ... --plot NAME.svg)
    ```

    ![what it shows](pictures/NAME.svg)

Files are those of the document's blocks with `file=NAME`, and the project's root is at hand. Commands run with --strict,
for the same bytes on all processors. `scripts` compares the script of each with docs/pictures/NAME.gp, byte for byte.
`drawings` has gnuplot draw the scripts, and compares with docs/pictures/NAME.svg: bytes where the version of gnuplot is that
of the picture, else its texts; it also draws a PNG and the example of `gradc plot --help`. --bless writes scripts or pictures.
"""

import collections
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SKIPPED = 77
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^gradc (?:plot .* -o|bench .* --plot) (\w+)\.svg$", re.M)
IMAGE = re.compile(r"!\[([^\]]*)\]\((?:docs/)?pictures/(\w+)\.svg\)")

Picture = collections.namedtuple("Picture", "name command files where")


def documents():
    return [ROOT / "README.md"] + sorted((ROOT / "docs").glob("*.md"))


def pictures_of(document):
    text = document.read_text(encoding="utf-8")
    files = {name: body for _, name, body in BLOCK.findall(text) if name}
    for language, _, body in BLOCK.findall(text):
        for match in COMMAND.finditer(body) if language == "sh" else []:
            yield Picture(match.group(1), match.group(0), files, document)


def run(gradc, picture, output):
    """What the command of a picture writes to another file, and its messages."""
    with tempfile.TemporaryDirectory(prefix="gradc-pictures-") as name:
        folder = pathlib.Path(name)
        for entry in ["examples", "tests", "bench"]:
            (folder / entry).symlink_to(ROOT / entry)
        for file_name, body in picture.files.items():
            (folder / file_name).write_text(body, encoding="utf-8")
        words = [str(gradc)] + shlex.split(picture.command)[1:-1] + [output, "--strict"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        path = folder / output
        return path.read_bytes() if path.exists() else b"", done.stderr


def settle(path, made, bless, complaints, says):
    """Compares with a committed file, or writes it."""
    if bless:
        path.write_bytes(made)
    elif not path.exists() or path.read_bytes() != made:
        complaints.append(says)


def check_scripts(gradc, pictures, bless):
    complaints = []
    for picture in pictures:
        script, messages = run(gradc, picture, "out.gp")
        if not script:
            complaints.append(f"{picture.where.name}: {picture.command}\n{messages}")
            continue
        settle(PICTURES / f"{picture.name}.gp", script, bless, complaints,
               f"docs/pictures/{picture.name}.gp is not what `{picture.command}` writes: look at the picture, then --bless")
    known = {picture.name for picture in pictures}
    for path in sorted(PICTURES.iterdir()):
        if path.stem not in known:
            complaints.append(f"docs/pictures/{path.name} is not made by a command of a document")
    return complaints


def check_images(pictures):
    """Documents show pictures that exist, each with a text for those who do not see it."""
    known = {picture.name for picture in pictures}
    for document in documents():
        for text, name in IMAGE.findall(document.read_text(encoding="utf-8")):
            if name not in known:
                yield f"{document.name}: no command makes pictures/{name}.svg"
            if len(text) < 20:
                yield f"{document.name}: pictures/{name}.svg needs a text that says what it shows"
    shown = {name for document in documents() for _, name in IMAGE.findall(document.read_text(encoding="utf-8"))}
    for name in sorted(known - shown):
        yield f"pictures/{name}.svg is shown nowhere"


def shape(svg):
    """How many elements of each kind there are, and the texts; raises an error where it is no XML."""
    tree = xml.etree.ElementTree.fromstring(svg)
    tags = collections.Counter(element.tag.rsplit("}")[-1] for element in tree.iter())
    texts = ["".join(element.itertext()).strip() for element in tree.iter() if element.tag.endswith("}text")]
    return tags, texts


def titles(script):
    """The texts of the legend and of the axes."""
    found = re.findall(r"(?:\btitle|\blabel|[xy]label) '((?:[^']|'')+)'", script)
    return {text.replace("''", "'") for text in found}


def check_drawing(name, script, made, committed):
    """What is wrong with a picture that was drawn from a script."""
    try:
        tags, texts = shape(made)
    except xml.etree.ElementTree.ParseError as error:
        return [f"{name}.svg is no XML: {error}"]
    complaints = [f"{name}.svg lacks the text `{title}`" for title in sorted(titles(script) - set(texts))]
    if tags["path"] < 10:
        complaints.append(f"{name}.svg has {tags['path']} paths only")
    if len(texts) < 8:
        complaints.append(f"{name}.svg has {len(texts)} texts only")
    version = re.search(rb"<desc>(.*)</desc>", made).group(1)
    if version in committed and committed != made:
        complaints.append(f"docs/pictures/{name}.svg is not what gnuplot draws: look at it, then --bless")
    elif version not in committed and (not committed or shape(committed)[1] != texts):
        complaints.append(f"docs/pictures/{name}.svg has other texts than what gnuplot draws")
    return complaints


def check_png(gradc, picture):
    png, messages = run(gradc, picture, "out.png")
    if png[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(png[16:20], "big") == 1440:
        return []
    return [f"{picture.name}: no PNG of 1440 points across\n{messages}"]


def check_help(gradc):
    text = subprocess.run([gradc, "plot", "--help"], capture_output=True, text=True, check=True).stdout
    command = re.search(r"^Example: (gradc plot .* -o (\w+)\.svg)$", text, re.M)
    svg, messages = run(gradc, Picture(command.group(2), command.group(1), {}, ROOT), "out.svg")
    return [] if svg.startswith(b"<?xml") else [f"the example of --help draws nothing\n{messages}"]


def check_drawings(gradc, pictures, bless):
    complaints = check_help(gradc) + check_png(gradc, pictures[0])
    for picture in pictures:
        made, messages = run(gradc, picture, "out.svg")
        if not made:
            complaints.append(f"{picture.where.name}: {picture.command}\n{messages}")
            continue
        path = PICTURES / f"{picture.name}.svg"
        if bless:
            path.write_bytes(made)
        script = run(gradc, picture, "out.gp")[0].decode("utf-8")
        complaints += check_drawing(picture.name, script, made, path.read_bytes() if path.exists() else b"")
    return complaints


def main():
    bless = "--bless" in sys.argv
    what, gradc = [word for word in sys.argv[1:] if word != "--bless"]
    gradc = pathlib.Path(gradc).resolve()
    if what == "drawings" and not shutil.which("gnuplot"):
        print("gnuplot is not installed (Debian: gnuplot-nox): nothing was drawn")
        return SKIPPED
    pictures = {}
    for document in documents():
        for picture in pictures_of(document):
            known = pictures.setdefault(picture.name, picture)
            if known.command != picture.command:
                print(f"{document.name}: another command makes {picture.name}.svg in {known.where.name}")
                return 1
    pictures = list(pictures.values())
    if what == "scripts":
        complaints = check_scripts(gradc, pictures, bless) + list(check_images(pictures))
    else:
        complaints = check_drawings(gradc, pictures, bless)
    for complaint in complaints:
        print(complaint)
    print(f"{len(pictures)} pictures, {len(complaints)} complaints")
    return 1 if complaints or not pictures else 0


if __name__ == "__main__":
    sys.exit(main())
