#!/usr/bin/env python3
# tidy.py - the shape of the source: layers, heads, lengths, banned calls, leftovers, the map.
#
#   tidy.py SOURCE_FOLDER
import os
import pathlib
import re
import subprocess
import sys

# ---- The tables -----------------------------------------------------------------------------

# What a folder may include, as prefixes of paths from the top; its own folder is always
# allowed. The first line whose pattern fits a file counts.
PUBLIC = ["cep/cep.h", "cep/cep_io.h", "cep/cep_lang.h", "cep/stats.def"]
LAYERS = [
    (r"cep/base/", ["cep/base/", "cep/cep.h"]),
    (r"cep/api_io\.c", ["cep/base/", "cep/cep_io.h", "runtime/io/"]),
    (r"cep/", ["cep/", "patterns/", "nfa/", "runtime/(?!io/)"]),
    (r"patterns/lang/", ["cep/base/", "patterns/"]),
    (r"patterns/", ["cep/base/", "cep/[a-z]+\\.def", "patterns/(?!lang/)"]),
    (r"nfa/build", ["cep/base/", "patterns/plan\\.h", "patterns/builtin\\.def", "nfa/"]),
    (r"nfa/", ["cep/base/", "patterns/builtin\\.def", "nfa/(?!build)"]),
    (r"runtime/io/", ["cep/base/", "cep/cep_io.h", "runtime/io/"]),
    (r"runtime/", ["cep/base/", "cep/config\\.def", "cep/stats\\.def", "nfa/(?!build)", "runtime/(?!io/)"]),
    (r"tools/gen/", PUBLIC + ["tools/gen/", "cep/[a-z]+\\.def", "patterns/[a-z]+\\.def", "nfa/[a-z]+\\.def"]),
    (r"tools/infer/", ["cep/base/", "tools/infer/"]),
    (r"tools/", PUBLIC + ["tools/"]),
    (r"examples/", PUBLIC),
    (r"tests/", [""]),
]
LIBRARY = r"(cep|patterns|nfa|runtime)/"

# Calls that a library has no business to make. The files named may: each with its reason.
BANNED = r"\b(malloc|calloc|realloc|free|printf|fprintf|puts|putchar|fopen|fputs|time|clock|clock_gettime|rand|srand|" \
         r"random|exit|_Exit|abort|getenv|setenv|setlocale|strtok|strtol|strtod|atoi|atof|sprintf|strcpy|strcat|signal|pthread_\w+)\s*\("
MAY_CALL = {
    "cep/base/assert.c": {"fprintf", "abort"},  # a broken claim ends the process
    "runtime/io/parallel.c": {"pthread_mutex_init", "pthread_mutex_destroy", "pthread_mutex_lock", "pthread_mutex_unlock", "pthread_cond_init",
                              "pthread_cond_destroy", "pthread_cond_wait", "pthread_cond_broadcast", "pthread_create", "pthread_join",
                              "pthread_sigmask"},  # the threads of libcep-io
    "cep/base/alloc.c": {"realloc", "free"},    # the default allocator
}

FUNCTION_LINES = 70
TEST_LINES = 100  # a test may be a long table
LONG_FUNCTIONS = {("nfa/expr.c", "run")}  # the expression machine: one switch over the opcodes
FILE_LINES = 800
LONG_FILE_REASON = re.compile(r"Long because ")  # in the head comment of the file

LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|^\s*#\s*if\s+0\b")
CODE_IN_COMMENT = re.compile(r"^\s*(//|/\*|\* )\s*(if \(.*\) ?[{;]|for \(.*;.*;|return [\w>.()-]+;|[a-z_]\w*(\.|->)?\w* = [^;]+;|[a-z_]\w+\([^)]*\);)\s*(\*/)?$")
PURPOSE = {
    ".c": r"/\* ?{name} - \S",
    ".cc": r"/\* ?{name} - \S",
    ".def": r"/\* ?{name} - \S",
    ".py": r"(#!.*\n)?# {name} - \S",
    ".sh": r"#!.*\n# {name} - \S",
    ".cep": r"// {name} - \S",
}

# Files that the map (docs/architecture.md) need not name one by one.
UNMAPPED = re.compile(r"docs/internals/decisions/|tests/(fuzz/corpus|cases|conformance/.*\.case|unit|diagnostics)/|"
                      r"tests/.*\.(case|golden|expected|txt|seeds)$|\.gitignore$|.*CMakeLists\.txt$")

# ---- The checks -----------------------------------------------------------------------------

faults = []


def fault(path, line, text):
    faults.append(f"{path}:{line}: {text}")


def files_of(top):
    """What git knows or would add; in a copy without git, everything that is not built."""
    try:
        names = subprocess.run(["git", "-C", top, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                               check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, below, files in os.walk(top):
            below[:] = [name for name in below if name not in (".git", "build", "__pycache__")]
            names += [os.path.relpath(os.path.join(folder, name), top) for name in files]
    return sorted({name for name in names if (pathlib.Path(top) / name).is_file()})


def without_comments(text):
    """Comments and strings become blanks; lines stay where they are."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check_includes(path, text):
    allowed = next((allow for pattern, allow in LAYERS if re.match(pattern, path)), None)
    if allowed is None:
        fault(path, 1, "is in a folder without a line in the table of layers")
        return
    folder = os.path.dirname(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        name = match.group(1)
        if (pathlib.Path(TOP) / folder / name).is_file() and "/" not in name:
            name = f"{folder}/{name}"
        if not any(re.match(prefix, name) for prefix in allowed):
            fault(path, number, f'may not include "{name}"')


def check_head(path, text):
    name, suffix = os.path.basename(path), os.path.splitext(path)[1]
    if suffix == ".h":
        if not re.match(rf"/\*(\n \*)? {re.escape(name)} - \S", text):
            fault(path, 1, f"does not begin with its name and purpose: /* {name} - ...")
        guard = re.search(r"^#ifndef (\w+_H)\n#define (\w+)$", text, re.M)
        if not guard or guard.group(1) != guard.group(2) or not re.search(r"^#endif\s*$", text.rstrip() + "\n", re.M):
            fault(path, 1, "has no include guard")
        head = text.split("#ifndef")[0]
        is_one_line = head.count("\n") <= 1 and len(without_comments(text).split("\n")) < 60
        if re.match(LIBRARY, path) and "Contract" not in head and path not in ("cep/cep.h", "cep/cep_lang.h") and not is_one_line:
            fault(path, 1, "has no Contract in its head comment")
    elif suffix in PURPOSE:
        start = PURPOSE[suffix].replace("{name}", re.escape(name))
        if not re.match(start, text) and not re.match(rf"/\*\n \* {re.escape(name)} - \S", text):
            fault(path, 1, f"does not begin with its name and purpose: {name} - ...")


def check_lengths(path, text):
    lines = text.split("\n")
    if len(lines) > FILE_LINES + 1 and not LONG_FILE_REASON.search("\n".join(lines[:30])):
        fault(path, 1, f"has {len(lines) - 1} lines, and its head does not say 'Long because ...'")
    code = without_comments(text).split("\n")
    start = None
    for number, line in enumerate(code, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > (TEST_LINES if path.startswith("tests/") else FUNCTION_LINES):
                name = re.findall(r"(\w+)\s*\(", " ".join(code[max(0, start - 4):start - 1]))
                if not any((path, each) in LONG_FUNCTIONS for each in name):
                    fault(path, start, f"a function of {number - start - 1} lines: {name[-1] if name else '?'}")
            start = None


def check_calls(path, text):
    if not re.match(LIBRARY, path) or path.startswith("runtime/io/"):
        return
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        for match in re.finditer(BANNED, line):
            if match.group(1) not in MAY_CALL.get(path, ()) and line[match.start() - 1:match.start()] not in (".", ">"):
                fault(path, number, f"calls {match.group(1)}")
        if re.match(r"(static )?(?!const|typedef|namespace|using|return|extern|struct \w+ \{|union|enum)(?:\w+ )+\**\w+(\[.*\])? = ", line) and "const " not in line:
            fault(path, number, "global state that can change")


def check_leftovers(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if LEFTOVERS.search(line) and path != "tests/tidy.py":
            fault(path, number, "left open: " + line.strip()[:60])
        if line.rstrip() != line and not path.endswith((".log", ".md")):
            fault(path, number, "white space at the end of the line")
    if not re.match(LIBRARY + "|tools/", path):
        return
    for comment in re.finditer(r"/\*.*?\*/|//[^\n]*", text, re.S):
        first = text.count("\n", 0, comment.start()) + 1
        for number, line in enumerate(comment.group(0).split("\n"), first):
            if CODE_IN_COMMENT.match(line):
                fault(path, number, "code in a comment: " + line.strip()[:60])


def check_map(paths):
    """docs/architecture.md: one heading for a folder, one line for a file, and no line too many."""
    text = (pathlib.Path(TOP) / "docs/architecture.md").read_text(encoding="utf-8")
    folder, named = "", set()
    for number, line in enumerate(text.split("\n"), 1):
        heading = re.match(r"#+ `([^`]*)`", line)
        if heading:
            folder = "" if heading.group(1) == "./" else heading.group(1)
        row = re.match(r"- ((?:`[^`]+`(?:, )?)+)", line)
        for name in re.findall(r"`([^`]+)`", row.group(1)) if row else ():
            path = folder + name
            named.add(path)
            if not (pathlib.Path(TOP) / path).exists():
                fault("docs/architecture.md", number, f"names {path}, which is not there")
    for path in paths:
        if path not in named and not UNMAPPED.search(path):
            fault(path, 1, "has no line in docs/architecture.md")


TOP = sys.argv[1] if len(sys.argv) > 1 else "."
every = files_of(TOP)
for path in every:
    if not path.endswith((".c", ".cc", ".h", ".def", ".py", ".sh", ".cep")) or path.startswith("tests/fuzz/corpus"):
        continue
    if path.endswith(".cep") and not path.startswith("examples/"):
        continue
    text = (pathlib.Path(TOP) / path).read_text(encoding="utf-8", errors="replace")
    check_head(path, text)
    check_leftovers(path, text)
    if path.endswith((".c", ".cc", ".h")):
        check_includes(path, text)
        check_lengths(path, text)
        check_calls(path, text)
check_map(every)
for line in faults:
    print(line)
print(f"{len(every)} files, {len(faults)} faults")
sys.exit(1 if faults else 0)
