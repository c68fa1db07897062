#!/usr/bin/env python3
# make_completion.py - completion for bash, zsh and fish from the tables of the command and of the settings.
#
#   make_completion.py TABLES.json CONFIG.DEF FOLDER    writes FOLDER/cep.bash, FOLDER/_cep, FOLDER/cep.fish
#
# What an option's value is follows from what its table calls it: PATH a file; NAME=PATH a name of the rule file, then a
# file; NAME a name of the rule file; KEY=VALUE a setting; a|b one of these words. Which names: those of the kind
# that the option is called after (--detection, --input, --table). Operands likewise: a word in small letters is itself.
# Names come from `cep --names KIND FILE`, where FILE is the first word of the line that is a file.
import json
import pathlib
import re
import sys

KINDS = {"detection": "detections", "why": "detections", "input": "inputs", "table": "tables"}


def value_of(option):
    """What to offer behind an option: (how, what)."""
    value, name = option["value"], option["name"]
    if value is None:
        return None
    if value == "KEY=VALUE":
        return ("settings", "")
    if value == "NAME=PATH":
        return ("pairs", KINDS.get(name, "inputs"))
    if re.match(r"NAME(\[|\Z)", value) and name in KINDS:
        return ("names", KINDS[name])
    if re.fullmatch(r"[a-z0-9]+(\|[a-z0-9]+)+", value):
        return ("words", value.replace("|", " "))
    if re.fullmatch(r"[a-z]+\[=PATH\]", value):
        return ("words", value.split("[")[0])
    return ("files", "") if "PATH" in value or "FILE" in value or "FOLDER" in value else ("nothing", "")


def operands_of(command):
    """What to offer for operands: the words at the first place, and whether names of detections come behind a file."""
    words = re.findall(r"(?<![\w.-])[a-z]+(?:\|[a-z]+)*(?![\w-])", command["operands"])
    return " ".join(words).replace("|", " "), "DETECTION" in command["operands"]


def settings_of(path):
    found = re.findall(r'^C\("([\w.]+)"', pathlib.Path(path).read_text(encoding="utf-8"), re.M)
    return [key for key in found if not key.startswith("debug.")]


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


# ---- bash

BASH = r"""# cep.bash - completion of cep in bash; generated from the tables of the command.

_cep_names() {
  local word
  for word in "${COMP_WORDS[@]:2}"; do
    if [[ -f $word ]]; then
      cep --names "$1" "$word" 2>/dev/null
      return
    fi
  done
}

_cep_keys() {
  COMPREPLY=($(compgen -S = -W "$1" -- "$2"))
  compopt -o nospace 2>/dev/null
}

# $1: how, $2: what, $3: the word begun, which has no '=' before it
_cep_offer() {
  [[ $1 != files ]] || local IFS=$'\n' # names may have blanks
  case $1 in
    words) COMPREPLY=($(compgen -W "$2" -- "$3")) ;;
    names) COMPREPLY=($(compgen -W "$(_cep_names "$2")" -- "$3")) ;;
    pairs) _cep_keys "$(_cep_names "$2")" "$3" ;;
    settings) _cep_keys "@SETTINGS@" "$3" ;;
    files)
      COMPREPLY=($(compgen -f -- "$3"))
      compopt -o filenames 2>/dev/null
      ;;
  esac
}

_cep_value() { # how and what of an option; fails for a flag
  case $1:$2 in
@VALUES@
    *) return 1 ;;
  esac
}

_cep() {
  local IFS=$' \t\n' word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options= words= detections= how
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _cep_offer words "@COMMANDS@ --help --version" "$word"
    return
  fi
  case $command in
@OPTIONS@
  esac
  # bash takes '=' for a word of its own: --option = value, or --option NAME = path.
  [[ $word == = ]] && word= && before='='
  if [[ $before == = ]]; then
    local name=${COMP_WORDS[COMP_CWORD-2]}
    [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && name=${COMP_WORDS[COMP_CWORD-1]}
    how=$(_cep_value "$command" "$name") || how="files "
    [[ $how == pairs* ]] && how="files "
    _cep_offer "${how%% *}" "${how#* }" "$word"
  elif how=$(_cep_value "$command" "$before"); then
    _cep_offer "${how%% *}" "${how#* }" "$word"
  elif [[ $word == -* ]]; then
    _cep_offer words "$options --help" "$word"
  elif [[ -n $words && $COMP_CWORD == 2 ]]; then
    _cep_offer words "$words" "$word"
  else
    _cep_offer files "" "$word"
    if [[ -n $detections ]]; then
      COMPREPLY+=($(compgen -W "$(_cep_names detections)" -- "$word"))
    fi
  fi
}
complete -F _cep cep
"""


def bash(tables, settings):
    values, options = [], []
    for command in tables:
        for option in command["options"]:
            value = value_of(option)
            if value:
                names = f"{command['name']}:--{option['name']}" + (f" | {command['name']}:-{option['letter']}" if option["letter"] else "")
                values.append(f"    {names.replace(' | ', '|')}) echo {quoted(' '.join(value).strip() + (' ' if not value[1] else ''))} ;;")
        words, detections = operands_of(command)
        every = " ".join(f"--{option['name']}" for option in command["options"])
        options.append(f"    {command['name']}) options={quoted(every)} words={quoted(words)} detections={'yes' if detections else ''} ;;")
    return BASH.replace("@SETTINGS@", " ".join(settings)).replace("@VALUES@", "\n".join(values)) \
        .replace("@COMMANDS@", " ".join(command["name"] for command in tables)).replace("@OPTIONS@", "\n".join(options))


# ---- zsh

ZSH = r"""#compdef cep
# _cep - completion of cep in zsh; generated from the tables of the command.

_cep_names() {
  local word
  local -a found
  for word in ${words[2,-1]}; do
    if [[ -f $word ]]; then
      found=(${(f)"$(cep --names $1 $word 2>/dev/null)"})
      break
    fi
  done
  compadd "${@[2,-1]}" -a found # behind the kind: options of compadd
}

_cep_pairs() {
  if compset -P '*='; then _files; else _cep_names $1 -S =; fi
}

_cep_settings() {
  local -a keys=(@SETTINGS@)
  compset -P '*=' || compadd -S = -a keys
}

_cep() {
  local line state
  local -a commands=(
@COMMANDS@
  )
  _arguments -C '1: :->command' '*:: :->rest' '--help[all commands]' '--version[version and features]'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
@CASES@
      esac ;;
  esac
}

_cep "$@"
"""


def zsh_action(value):
    how, what = value
    return {"words": f"({what})", "names": f" _cep_names {what}", "pairs": f" _cep_pairs {what}", "settings": " _cep_settings", "files": "_files",
            "nothing": " "}[how]


def zsh_text(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh(tables, settings):
    commands, cases = [], []
    for command in tables:
        commands.append("    " + quoted(f"{command['name']}:{zsh_text(command['summary'])}"))
        specs = []
        for option in command["options"]:
            value = value_of(option)
            long = f"--{option['name']}" + ("=" if value else "")
            tail = f"[{zsh_text(option['text'])}]" + (f":{zsh_text(option['value'])}:{zsh_action(value)}" if value else "")
            specs.append(quoted(f"*{long}{tail}"))
            if option["letter"]:
                specs.append(quoted(f"*-{option['letter']}{'+' if value else ''}{tail}"))
        words, detections = operands_of(command)
        if words:
            specs.append(quoted(f"1: :({words})"))
        specs.append(quoted("*: :_files") if not detections else quoted("1: :_files"))
        if detections:
            specs.append(quoted("2: : _cep_names detections"))
        cases.append(f"        {command['name']}) _arguments -s {' '.join(specs)} ;;")
    return ZSH.replace("@SETTINGS@", " ".join(settings)).replace("@COMMANDS@", "\n".join(commands)).replace("@CASES@", "\n".join(cases))


# ---- fish

FISH = r"""# cep.fish - completion of cep in fish; generated from the tables of the command.

function __cep_names
    for word in (commandline -opc)[3..-1]
        if test -f "$word"
            cep --names $argv[1] $word 2>/dev/null
            return
        end
    end
end

function __cep_pairs
    set -l word (commandline -ct)
    if string match -q '*=*' -- $word
        set -l name (string replace -r '=.*' '' -- $word)
        for path in (__fish_complete_path (string replace -r '^[^=]*=' '' -- $word))
            echo $name=$path
        end
    else
        for name in (__cep_names $argv[1])
            echo $name=
        end
    end
end
"""


def fish(tables, settings):
    out = [FISH, "complete -c cep -n __fish_use_subcommand -l help -d 'all commands'",
           "complete -c cep -n __fish_use_subcommand -l version -d 'version and features'"]
    for command in tables:
        out.append(f"complete -c cep -f -n __fish_use_subcommand -a {command['name']} -d {quoted(command['summary'])}")
    for command in tables:
        when = f"-n '__fish_seen_subcommand_from {command['name']}'"
        for option in command["options"]:
            value = value_of(option)
            line = f"complete -c cep {when} -l {option['name']}" + (f" -s {option['letter']}" if option["letter"] else "")
            if value:
                how, what = value
                line += {"words": f" -x -a {quoted(what)}", "names": f" -x -a '(__cep_names {what})'", "pairs": f" -x -a '(__cep_pairs {what})'",
                         "settings": f" -x -a {quoted(' '.join(key + '=' for key in settings))}", "files": " -r", "nothing": " -x"}[how]
            out.append(f"{line} -d {quoted(option['text'])}")
        words, detections = operands_of(command)
        if words:
            out.append(f"complete -c cep {when} -a {quoted(words)}")
        if detections:
            out.append(f"complete -c cep {when} -a '(__cep_names detections)'")
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: make_completion.py TABLES.json CONFIG.DEF FOLDER")
    with open(sys.argv[1], encoding="utf-8") as file:
        tables = json.load(file)
    settings, folder = settings_of(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (("cep.bash", bash), ("_cep", zsh), ("cep.fish", fish)):
        (folder / name).write_text(make(tables, settings), encoding="utf-8")


main()
