#!/usr/bin/env python3
# make_man.py - manual pages: cep(1) from the tables of the command, cep-language(7) from its page in docs/reference.
#
#   make_man.py command VERSION TABLES.json CONFIG.md > cep.1    (what `cep --tables` prints; docs/reference/config.md)
#   make_man.py page VERSION NAME PAGE.md > NAME.7
#
# No date: the same source gives the same bytes.
import json
import re
import sys

SUMMARY = "find patterns in streams of events"
DESCRIPTION = """cep finds patterns in streams of events. A rule file says what must follow what, by which key and within which time, and each
match in event time becomes an alert. Records are JSON lines, CSV, logfmt or lines of text, plain or packed by gzip or zstd,
in files, in pipes, or in files that grow. The language of the rules is described in **cep-language**(7)."""


def escape(text):
    """Text as roff shows it: no escape, no hyphen instead of a minus, no request at the start of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return re.sub(r"(?m)^\.", r"\\&.", text)


def inline(text):
    """`code`, **bold**, *emphasis*, [text](link) of one paragraph."""
    out, last = [], 0
    for match in re.finditer(r"``(.+?)``|`([^`]+)`|\*\*(.+?)\*\*|(?<!\w)\*(\S(?:[^*]*\S)?)\*(?!\w)|\[([^\]]+)\]\([^)]*\)", text):
        code = match.group(1) or match.group(2)
        out.append(escape(text[last:match.start()]))
        if code is not None:
            out.append(f"\\fB{escape(code)}\\fP")
        elif match.group(3) is not None:
            out.append(f"\\fB{inline(match.group(3))}\\fP")
        elif match.group(4) is not None:
            out.append(f"\\fI{inline(match.group(4))}\\fP")
        else:
            out.append(inline(match.group(5)))
        last = match.end()
    return "".join(out) + escape(text[last:])


def literal(lines, indent=4):
    return [".sp", f".RS {indent}", ".nf", *[escape(line) or "\\&" for line in lines], ".fi", ".RE"]


def head(name, section, version, title):
    return [f'.TH {name.upper()} {section} "" "cep {version}" "{title}"', ".nh", ".ad l"]


# ---- The command

def details(text):
    """Paragraphs; what is indented behind "examples:" or an exit code keeps its shape."""
    out = []
    for part in text.strip("\n").split("\n\n"):
        lines = part.split("\n")
        if lines[0] == "examples:":
            out += [".PP", "Examples:", *literal([line.strip() for line in lines[1:]])]
            continue
        plain = " ".join(line.strip() for line in lines)
        said, _, codes = plain.partition("exit code: ")
        if said.strip():
            out += [".PP", inline(said.strip())]
        if codes:
            out += [".PP", "Exit code: " + inline(codes)]
    return out


def option(one):
    letter = f"\\fB\\-{one['letter']}\\fP, " if one["letter"] else ""
    value = f" \\fI{escape(one['value'])}\\fP" if one["value"] else ""
    return [".TP", f"{letter}\\fB\\-\\-{escape(one['name'])}\\fP{value}", inline(one["text"])]


def settings(config):
    """The rows of docs/reference/config.md: key, type, default, least, most, meaning."""
    out = [".SH SETTINGS", "Set with \\fB\\-\\-set\\fP \\fIKEY=VALUE\\fP. Sizes take KiB, MiB, GiB; durations are written as in rules, 90s, 1h30m."]
    for row in re.findall(r"^\| `.*$", config, re.M):
        key, kind, default, _, _, meaning = cells(row)
        if not key.startswith("`debug."):
            out += [".TP", inline(key), inline(f"{meaning} ({kind}; default {default})")]
    return out


def command_page(version, tables, config):
    out = [*head("cep", 1, version, "User Commands"), ".SH NAME", f"cep \\- {SUMMARY}", ".SH SYNOPSIS"]
    for one in tables:
        out += [f"\\fBcep {escape(one['name'])}\\fP [\\fIoptions\\fP] \\fI{escape(one['operands'])}\\fP", ".br"]
    out += [".SH DESCRIPTION", inline(" ".join(DESCRIPTION.split())), ".SH COMMANDS"]
    for one in tables:
        out += [f".SS cep {escape(one['name'])} {escape(one['operands'])}", inline(one["summary"][:1].upper() + one["summary"][1:]) + "."]
        for each in one["options"]:
            out += option(each)
        if one["details"]:
            out += details(one["details"])
    out += settings(config)
    out += [".SH OPTIONS", ".TP", "\\fB\\-h\\fP, \\fB\\-\\-help\\fP", "Help for the command before it, else for all.", ".TP",
            "\\fB\\-V\\fP, \\fB\\-\\-version\\fP", "Version and features.", ".SH ENVIRONMENT", ".TP", "\\fBNO_COLOR\\fP",
            "If it is set, nothing is coloured.", ".SH SEE ALSO", "\\fBcep\\-language\\fP(7)"]
    return out


# ---- A page of Markdown

def cells(row):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def table(rows):
    """The first cell of a row is its name, the others follow, each behind the name of its column if there are several."""
    names, out = cells(rows[0]), []
    for row in rows[2:]:
        first, *rest = cells(row)
        said = [cell if len(names) == 2 else f"*{name}:* {cell}" for name, cell in zip(names[1:], rest) if cell]
        out += [".TP", inline(first) or "\\&", inline("; ".join(said)) or "\\&"]
    return out


def page(version, name, text):
    lines, out, at = text.split("\n"), [], 0
    title = re.sub(r"^# ", "", lines[0])
    out += [*head(name, 7, version, "Miscellaneous"), ".SH NAME", f"{escape(name)} \\- {inline(title[:1].lower() + title[1:])}", ".SH DESCRIPTION"]
    at = 1
    while at < len(lines):
        line = lines[at]
        fence = re.match(r"\s*```", line)
        if fence:
            end = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == "```"), len(lines))
            if "mermaid" not in line:  # a picture, drawn by others
                out += literal(lines[at + 1:end])
            at = end + 1
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            said = inline(line.lstrip("# "))
            out.append(f".{'SH' if level == 2 else 'SS'} {said}")
            at += 1
        elif line.startswith("|"):
            end = next((i for i in range(at, len(lines)) if not lines[i].startswith("|")), len(lines))
            out += table(lines[at:end])
            at = end
        elif not line.strip():
            at += 1
        else:
            end = next((i for i in range(at + 1, len(lines)) if not lines[i].strip() or re.match(r"\s*([-*] |\d+\. |```|#|\|)", lines[i])), len(lines))
            said = " ".join(part.strip() for part in lines[at:end])
            item = re.match(r"([-*]|\d+\.) (.*)", said)
            if item:
                mark = "\\(bu" if item.group(1) in "-*" else item.group(1)
                out += [f".IP {mark} 3", inline(item.group(2))]
            else:
                out += [".PP", inline(said)]
            at = end
    return out + [".SH SEE ALSO", "\\fBcep\\fP(1)"]


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "command":
        with open(sys.argv[3], encoding="utf-8") as tables, open(sys.argv[4], encoding="utf-8") as config:
            out = command_page(sys.argv[2], json.load(tables), config.read())
    elif len(sys.argv) == 5 and sys.argv[1] == "page":
        with open(sys.argv[4], encoding="utf-8") as file:
            out = page(sys.argv[2], sys.argv[3], file.read())
    else:
        sys.exit("usage: make_man.py command VERSION TABLES.json CONFIG.md | page VERSION NAME PAGE.md")
    sys.stdout.write("\n".join(out) + "\n")


main()
