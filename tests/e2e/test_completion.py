#!/usr/bin/env python3
# test_completion.py - manual pages and completion: made from the tables of the command, without warnings, and right in the shells.
import json
import re
import shutil
import subprocess
import sys
import unittest

from command import CEP, SOURCE, Case, main, pair

GEN = SOURCE / "tools/gen"


class Completion(Case):
    def setUp(self):
        super().setUp()
        self.tables = json.loads(self.cep("--tables").stdout)
        self.write("tables.json", json.dumps(self.tables))
        self.write("r.cep", pair())
        (self.folder / "bin").mkdir()
        (self.folder / "bin/cep").symlink_to(CEP)

    def make(self, *args):
        done = subprocess.run([sys.executable, *map(str, args)], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def shell(self, *args):
        path = f"{self.folder / 'bin'}:{self.environment()['PATH']}"
        done = subprocess.run(args, cwd=self.folder, capture_output=True, text=True, env=self.environment(PATH=path, HOME=str(self.folder)),
                              stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), args)
        return done.stdout

    def completions(self):
        self.make(GEN / "make_completion.py", "tables.json", SOURCE / "cep/config.def", ".")

    def test_the_tables_are_what_help_shows(self):
        for command in self.tables:
            told = self.cep(command["name"], "--help").stdout
            self.assertIn(f"usage: cep {command['name']} [options] {command['operands']}", told)
            for option in command["options"]:
                self.assertIn(f"--{option['name']}", told)
            self.assertEqual(len(re.findall(r"^  (?:-\w,|   ) --", told, re.M)), len(command["options"]) + 1)

    def test_names_of_a_rule_file(self):
        self.assertEqual(self.cep("--names", "detections", "r.cep").stdout, "pair\n")
        self.assertEqual(self.cep("--names", "inputs", "r.cep").stdout, "In\n")
        self.assertEqual(self.cep("--names", "detections", "no.cep").stdout, "")
        self.write("wrong.cep", "detect")
        done = self.cep("--names", "detections", "wrong.cep")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_the_manual_pages(self):
        command = self.make(GEN / "make_man.py", "command", "1.2.3", "tables.json", SOURCE / "docs/reference/config.md")
        page = self.make(GEN / "make_man.py", "page", "1.2.3", "cep-language", SOURCE / "docs/reference/language.md")
        for one in self.tables:
            self.assertIn(f".SS cep {one['name']} ", command)
            for option in one["options"]:
                self.assertIn("\\-\\-" + option["name"].replace("-", "\\-"), command)
        if not shutil.which("man"):
            self.skipTest("no man")
        for name, text, words in (("cep.1", command, ("cep run", "--dead-letter PATH", "memory.max", "default 1GiB")), ("cep-language.7", page, ("within", "skip past last"))):
            self.write(name, text)
            shown = self.shell("man", "--warnings", "-E", "UTF-8", "-l", f"./{name}")
            plain = re.sub(r".\x08|\x1b\[[0-9;]*m", "", shown)
            for word in words:
                self.assertIn(word, plain)

    def in_bash(self, *words):
        script = ". ./cep.bash; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cep; printf '%%s\\n' \"${COMPREPLY[@]}\"" % \
            " ".join(f"'{word}'" for word in words)
        return sorted(line for line in self.shell("bash", "--norc", "-c", script).splitlines() if line)

    def test_bash(self):
        self.completions()
        self.assertEqual(self.in_bash("cep", "ch"), ["check"])
        self.assertEqual(self.in_bash("cep", "check", "--s"), ["--strict"])
        self.assertEqual(self.in_bash("cep", "check", "r"), ["r.cep"])
        self.assertEqual(self.in_bash("cep", "run", "r"), ["r.cep"])
        self.assertEqual(self.in_bash("cep", "run", "--format", "c"), ["csv"])
        self.assertEqual(self.in_bash("cep", "explain", "r.cep", "p"), ["pair"])
        self.assertEqual(self.in_bash("cep", "run", "r.cep", "--detection", ""), ["pair"])
        self.assertEqual(self.in_bash("cep", "run", "r.cep", "--input", ""), ["In="])
        self.assertEqual(self.in_bash("cep", "run", "r.cep", "-i", "In", "=", "r"), ["r.cep"])
        self.assertEqual(self.in_bash("cep", "run", "r.cep", "-i", "In", "="), sorted(path.name for path in self.folder.iterdir()))
        self.assertEqual(self.in_bash("cep", "run", "--set", "memory"), ["memory.max="])
        self.assertEqual(self.in_bash("cep", "import", "s"), ["sql"])
        self.assertEqual(self.in_bash("cep", "import", "--dialect", ""), ["flink", "standard"])
        self.assertEqual(self.in_bash("cep", "import", "--dialect", "=", "f"), ["flink"])
        for one in self.tables:
            self.assertEqual(self.in_bash("cep", one["name"], "--"), sorted(["--help", *(f"--{option['name']}" for option in one["options"])]))

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish(self):
        self.completions()

        def offered(line):
            return sorted(each.split("\t")[0] for each in self.shell("fish", "--no-config", "-c", f"source cep.fish; complete -C '{line}'").splitlines())
        self.assertEqual(offered("cep chec"), ["check"])
        self.assertEqual(offered("cep check --st"), ["--strict"])
        self.assertEqual(offered("cep run r.cep --detection "), ["pair"])
        self.assertEqual(offered("cep run r.cep --input "), ["In="])
        self.assertEqual(offered("cep run r.cep --input In=r"), ["In=r.cep"])
        self.assertEqual(offered("cep import --dialect f"), ["flink"])
        self.assertIn("pair", offered("cep explain r.cep p"))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh(self):
        self.completions()
        self.write("try.zsh", ZSH)

        for line, wanted in (("cep che", "check"), ("cep check --st", "--strict"), ("cep run r.cep --detection p", "pair"),
                             ("cep run r.cep --input I", "In="), ("cep import --dialect f", "flink"), ("cep run r.cep --set mem", "memory.max=")):
            for seconds in ("0.3", "1", "3", "9"):  # until the shell has answered: how busy the machine is nobody knows
                shown = self.shell("zsh", "-f", "try.zsh", line, seconds)
                if wanted in shown:
                    break
            self.assertIn(wanted, shown)


# Types a line and a tab into a zsh, and shows what stands there some seconds later.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep; print RE""ADY'
zpty -r shell shown '*READY*'
zpty -n -w shell $'\C-u'"$1"$'\t'
sleep $2
zpty -n -w shell $'\C-ecut\C-a\C-kprint END$((1+1))\n'
zpty -r shell shown '*END2*'
zpty -d shell
print -r -- $shown
"""

main()
