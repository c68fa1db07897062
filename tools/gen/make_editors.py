#!/usr/bin/env python3
# make_editors.py - writes the highlighting in editors/ from the words of patterns/token.def and the functions of the language.
#
#   make_editors.py SOURCE_FOLDER [--check]     (--check: writes nothing, exit code 1 if a file differs)
import json
import pathlib
import re
import sys

DECLARATIONS = ["input", "stream", "table", "define", "detect", "aggregate", "join"]
TYPES = ["bool", "int", "float", "string", "time", "duration", "ip"]
CONSTANTS = ["true", "false", "null"]
# Words of one place only, which as colours elsewhere would only disturb: units of times, and what is mostly a name.
QUIET = ["s", "ms", "us", "ns", "file", "key", "events", "count", "line"]


def read_words(source):
    text = (source / "patterns/token.def").read_text(encoding="utf-8")
    reserved = re.findall(r'^T\(\w+, "(\w+)"\)', text, re.M)
    words = re.findall(r"^K\((\w+)\)", text, re.M)
    signs = re.findall(r'^O\(\w+, "([^"]+)"\)', text, re.M)
    assert reserved and words and signs
    assert not set(DECLARATIONS) - set(words) and not set(CONSTANTS) - set(reserved)
    return reserved, words, signs


def read_functions(source):
    builtins = re.findall(r"^F\((\w+),", (source / "patterns/builtin.def").read_text(encoding="utf-8"), re.M)
    others = re.findall(r'^    \{"(\w+)", NULL', (source / "patterns/lang/functions.c").read_text(encoding="utf-8"), re.M)
    assert builtins and others
    return builtins + others


def groups(source):
    reserved, words, signs = read_words(source)
    logic = ["and", "or", "not", "in", "is", "like", "ilike", "between", "div", "contains", "icontains", "starts", "istarts", "ends", "iends", "with", "cidr"]
    assert not set(logic) - set(reserved) - set(words)
    special = set(DECLARATIONS) | set(CONSTANTS) | set(logic) | set(QUIET)
    keywords = [word for word in reserved + words if word not in special and word not in TYPES]
    operators = [sign for sign in signs if sign not in "{}()[],:.?"]
    return {"declaration": DECLARATIONS, "type": TYPES, "constant": CONSTANTS, "logic": logic, "keyword": keywords,
            "function": read_functions(source), "operator": sorted(operators, key=lambda sign: (-len(sign), sign))}


# ---- Vim ------------------------------------------------------------------------------------

def vim_syntax(of):
    def words(name):
        return r"\|".join(of[name])
    # Of matches that begin at one place the last counts: so labels are labels, whatever the word.
    return rf'''" cep.vim - rules of cep; made by tools/gen/make_editors.py, do not edit.
if exists("b:current_syntax")
  finish
endif
syn case match
syn match cepOperator "[-+*/%<>=!~]"
syn match cepKeyword "\<\%({words("keyword")}\)\>"
syn match cepLogic "\<\%({words("logic")}\)\>"
syn match cepConstant "\<\%({words("constant")}\)\>"
syn match cepDeclaration "\%(^\s*\)\@<=\%({words("declaration")}\)\>"
syn match cepType "\%(:\s*\)\@<=\%({words("type")}\)\>?\="
syn match cepTime "\%(^\s*\|{{\s*\)\@<=time\>"
syn match cepFunction "\<\%({words("function")}\)\>\ze\s*("
syn match cepNumber "\<\%(0x\x\+\|\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][-+]\=\d\+\)\=\)\>"
syn match cepDuration "\<\d[0-9_]*\%(ns\|us\|ms\|s\|m\|h\|d\|w\)\%(\d\+\%(ns\|us\|ms\|s\|m\|h\|d\|w\)\)*\>"
syn match cepMember "\.\@<=\h\w*"
syn match cepLabel "\<\h\w*\ze\s*:"
syn match cepQuoted "`[^`]*`"
syn match cepEscape contained "\\\%([nt\\\"]\|u{{\x\+}}\)"
syn region cepString oneline start=+"+ skip=+\\.+ end=+"+ contains=cepEscape,@Spell
syn region cepRaw oneline start=+\<r"+ skip=+\\.+ end=+"+
syn match cepComment "//.*$" contains=@Spell
syn region cepComment start="/\*" end="\*/" contains=@Spell
hi def link cepComment Comment
hi def link cepConstant Constant
hi def link cepDeclaration Structure
hi def link cepDuration Number
hi def link cepEscape SpecialChar
hi def link cepFunction Function
hi def link cepKeyword Keyword
hi def link cepLabel Identifier
hi def link cepLogic Operator
hi def link cepNumber Number
hi def link cepOperator Operator
hi def link cepRaw String
hi def link cepString String
hi def link cepTime Keyword
hi def link cepType Type
let b:current_syntax = "cep"
'''


# ---- VS Code --------------------------------------------------------------------------------

def text_mate(of):
    def words(name):
        return "|".join(of[name])
    operators = "|".join(re.escape(sign) for sign in of["operator"])
    unit = "(?:ns|us|ms|s|m|h|d|w)"
    patterns = [
        {"name": "comment.line.double-slash.cep", "match": "//.*$"},
        {"name": "comment.block.cep", "begin": "/\\*", "end": "\\*/"},
        {"name": "string.regexp.cep", "match": "\\br\"(?:\\\\.|[^\"\\\\])*\""},
        {"name": "string.quoted.double.cep", "begin": "\"", "end": "\"|$",
         "patterns": [{"name": "constant.character.escape.cep", "match": "\\\\(?:[nt\\\\\"]|u\\{[0-9A-Fa-f]+\\})"}]},
        {"name": "variable.other.quoted.cep", "match": "`[^`\\n]*`"},
        {"match": "\\b([A-Za-z_]\\w*)\\s*(:)\\s*(" + words("type") + ")\\b",
         "captures": {"1": {"name": "variable.other.property.cep"}, "2": {"name": "punctuation.separator.cep"}, "3": {"name": "storage.type.cep"}}},
        {"match": "\\b([A-Za-z_]\\w*)\\s*(:)", "captures": {"1": {"name": "variable.other.property.cep"}, "2": {"name": "punctuation.separator.cep"}}},
        {"match": "(?<=\\.)[A-Za-z_]\\w*", "name": "variable.other.member.cep"},
        {"match": "^\\s*(" + words("declaration") + ")\\s+([A-Za-z_]\\w*)",
         "captures": {"1": {"name": "keyword.other.declaration.cep"}, "2": {"name": "entity.name.type.cep"}}},
        {"name": "constant.numeric.duration.cep", "match": "\\b[0-9][0-9_]*" + unit + "(?:[0-9]+" + unit + ")*\\b"},
        {"name": "constant.numeric.cep", "match": "\\b(?:0x[0-9A-Fa-f]+|[0-9][0-9_]*(?:\\.[0-9][0-9_]*)?(?:[eE][-+]?[0-9]+)?)\\b"},
        {"name": "support.function.cep", "match": "\\b(?:" + words("function") + ")\\b(?=\\s*\\()"},
        {"name": "constant.language.cep", "match": "\\b(?:" + words("constant") + ")\\b"},
        {"name": "keyword.operator.word.cep", "match": "\\b(?:" + words("logic") + ")\\b"},
        {"name": "keyword.control.cep", "match": "\\b(?:" + words("keyword") + ")\\b|(?:^|\\{)\\s*\\btime\\b"},
        {"name": "keyword.operator.cep", "match": operators},
    ]
    grammar = {"$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
               "name": "cep", "scopeName": "source.cep", "fileTypes": ["cep"], "patterns": patterns}
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit("usage: make_editors.py SOURCE_FOLDER [--check]")
    source = pathlib.Path(sys.argv[1])
    of = groups(source)
    faults = 0
    for name, text in (("editors/vim/syntax/cep.vim", vim_syntax(of)), ("editors/vscode/syntaxes/cep.tmLanguage.json", text_mate(of))):
        path = source / name
        if len(sys.argv) == 2:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{name}: differs from the words of the language; run tools/gen/make_editors.py .")
            faults = 1
    sys.exit(faults)


main()
