#!/usr/bin/env python3
# readme.py - what README.md and HACKING.md tell the reader to run exists, and every link leads somewhere.
#
#   readme.py SOURCE_FOLDER
import json
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
faults = []
presets = {p["name"] for p in json.loads((top / "CMakePresets.json").read_text())["configurePresets"] if not p.get("hidden")}
pages = [top / "README.md", top / "HACKING.md", *sorted((top / "docs").rglob("*.md"))]
commands = 0
for page in pages:
    where = page.relative_to(top)
    text = page.read_text(encoding="utf-8")
    # Commands that start in the checkout: `tools/x.sh`, `tests/x.py`, `.ci/run` at the start of a shown line.
    for match in re.finditer(r"^\s*(?:\$ )?((?:python3 )?\.?/?((?:tools|tests|\.ci)/[\w./-]+))", text, re.M):
        path = top / match.group(2).rstrip(".")
        commands += 1
        if not path.exists():
            faults.append(f"{where}: shows {match.group(1)}, which is not there")
        elif path.suffix == ".sh" and not path.stat().st_mode & 0o111:
            faults.append(f"{where}: {match.group(2)} cannot be executed")
    for name in re.findall(r"--preset[= ](\w+)", text):
        if name not in presets:
            faults.append(f"{where}: there is no preset {name}")
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in link and not (page.parent / link).exists():
            faults.append(f"{where}: the link {link} leads nowhere")
readme = (top / "README.md").read_text(encoding="utf-8")
for command in ("tools/quickstart.sh", "tools/test.sh"):
    if command not in readme.split("##")[0]:
        faults.append(f"README.md: {command} is not shown at its head")
if "tools/test.sh" not in (top / ".ci/run").read_text():
    faults.append(".ci/run: does not call tools/test.sh")
for fault in faults:
    print(fault)
print(f"{len(pages)} pages, {commands} commands, {len(faults)} faults")
sys.exit(1 if faults else 0)
