#!/usr/bin/env python3
# test_editors.py - editors/: made from the words of the language; Vim colours rules by it; Neovim does each thing with `cep lsp`.
import json
import re
import shutil
import subprocess
import sys
import unittest

from command import CEP, SOURCE, Case, main

RULES = r'''// note: input x
stream Login from stdin format json { time ts  time_zone: string?  count: int = 0x1F }
/* detect */ define Late = Login where time_zone ~ r"a\"b" and count in (1, 2.5e3) and `a b` is not null
detect guessed by user within 1h30m {
    match 3+ Late as fail
    then immediately Login as hit where hit.match == last(fail).count and lower("a\n") != true
    emit { then: count(fail) }
}
'''
COLOURS = [("// note", "Comment"), ("input x", "Comment"), ("stream Login", "Declaration"), ("from stdin", "Keyword"), ("time ts", "Time"),
           ("time_zone: s", "Label"), ("string?", "Type"), ("count: int", "Label"), ("int = ", "Type"), ("0x1F", "Number"), ("detect */", "Comment"),
           ("where time", "Keyword"), ('r"a', "Raw"), ("and count", "Logic"), ("2.5e3", "Number"), ("`a b`", "Quoted"), ("null", "Constant"),
           ("detect guessed", "Declaration"), ("1h30m", "Duration"), ("3+", "Number"), ("then immediately", "Keyword"), ("immediately", "Keyword"),
           ("match == ", "Member"), ("== last", "Operator"), ("last(", "Function"), ("count and", "Member"), ('"a\\n', "String"), ("\\n", "Escape"),
           ("true", "Constant"), ("then: ", "Label"), ("count(fail) }", "Function"), ("Late as", "")]

NVIM = """
local done = {}
local function wait(what) assert(vim.wait(8000, what, 20), 'nothing came') end
local function ask(method, params) local r = vim.lsp.buf_request_sync(0, method, params, 8000); for _, v in pairs(r) do return v.result end end
local function at(text, inside)
  local line, col = unpack(vim.fn.searchpos('\\\\V' .. text, 'cw'))
  vim.api.nvim_win_set_cursor(0, {line, col - 1 + inside})
  return vim.lsp.util.make_position_params(0, 'utf-16')
end
vim.cmd('edit rules.cep')
done.filetype = vim.bo.filetype
local id = vim.lsp.start_client({name = 'cep', cmd = {CEP, 'lsp'}})
vim.lsp.buf_attach_client(0, id)
wait(function() local c = vim.lsp.get_client_by_id(id); return c and c.initialized end)
wait(function() return #vim.diagnostic.get(0) == 1 end)
done.problem = vim.diagnostic.get(0)[1].message
vim.api.nvim_buf_set_text(0, 4, 38, 4, 41, {'ip'})
wait(function() return #vim.diagnostic.get(0) == 0 end)
done.hover = ask('textDocument/hover', at('fail).ip', 6)).contents.value
done.completion = {}
for _, item in ipairs(ask('textDocument/completion', at('fail).ip', 6))) do table.insert(done.completion, item.label) end
done.definition = ask('textDocument/definition', at('fail).ip', 1)).range.start
done.outline = {}
for _, item in ipairs(ask('textDocument/documentSymbol', {textDocument = vim.lsp.util.make_text_document_params()})) do table.insert(done.outline, item.name) end
local rename = at('fail).ip', 1)
rename.newName = 'wrong'
vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', rename), 'utf-16')
vim.lsp.util.apply_text_edits(ask('textDocument/formatting', vim.lsp.util.make_formatting_params()), 0, 'utf-16')
done.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')
vim.lsp.stop_client(id)
vim.fn.writefile({vim.json.encode(done)}, 'done.json')
vim.cmd('qa!')
"""


class Editors(Case):
    def test_the_files_are_made_from_the_words_of_the_language(self):
        done = subprocess.run([sys.executable, str(SOURCE / "tools/gen/make_editors.py"), str(SOURCE), "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_what_vs_code_reads_is_sound(self):
        folder = SOURCE / "editors/vscode"
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        for path in [package["main"]] + [part["path"] for part in package["contributes"]["grammars"]] + \
                [part["configuration"] for part in package["contributes"]["languages"]]:
            self.assertTrue((folder / path).is_file(), path)
        json.loads((folder / "language-configuration.json").read_text(encoding="utf-8"))
        grammar = json.loads((folder / "syntaxes/cep.tmLanguage.json").read_text(encoding="utf-8"))

        def colour(text, at):
            """As an editor does it: of the patterns that fit first the first; line by line."""
            start = text.rfind("\n", 0, at) + 1
            line, place = text[start:text.index("\n", at)], 0
            while True:
                found = [(m.start(), i, m, p) for i, p in enumerate(grammar["patterns"]) if (m := re.compile(p.get("match") or p["begin"]).search(line, place))]
                if not found:
                    return ""
                _, _, match, pattern = min(found, key=lambda each: each[:2])
                end = match.end()
                if "begin" in pattern:
                    close = re.compile(pattern["end"]).search(line.replace("\\n", "__"), end)
                    end = close.end() if close else len(line)
                if at - start < end:
                    inner = [value["name"] for key, value in pattern.get("captures", {}).items() if match.start(int(key)) <= at - start < match.end(int(key))]
                    return (inner or [pattern.get("name", "")])[0] if match.start() <= at - start else ""
                place = end
        names = {"Comment": "comment", "Declaration": "keyword.other.declaration", "Keyword": "keyword.control", "Time": "keyword.control",
                 "Label": "variable.other.property", "Type": "storage.type", "Number": "constant.numeric", "Raw": "string.regexp", "Logic": "keyword.operator.word",
                 "Quoted": "variable.other.quoted", "Constant": "constant.language", "Duration": "constant.numeric.duration", "Member": "variable.other.member",
                 "Operator": "keyword.operator", "Function": "support.function", "String": "string.quoted", "Escape": "string.quoted", "": ""}
        for text, group in COLOURS:
            self.assertTrue(colour(RULES, RULES.index(text)).startswith(names[group]), (text, group, colour(RULES, RULES.index(text))))

    @unittest.skipIf(shutil.which("vim") is None, "there is no vim")
    def test_vim_colours_rules(self):
        if "+syntax" not in subprocess.run(["vim", "--version"], capture_output=True, text=True).stdout:
            self.skipTest("this vim has no colours")
        self.write("rules.cep", RULES)
        lines = [f"set rtp^={SOURCE}/editors/vim", "filetype plugin on", "syntax on", "edit rules.cep", "redir! > out.txt"]
        for text, _ in COLOURS:
            before = RULES[:RULES.index(text)]
            line, column = before.count("\n") + 1, len(before.rsplit("\n", 1)[-1].encode()) + 1
            lines.append(f"echo synIDattr(synID({line}, {column}, 1), 'name') . '.'")
        self.write("do.vim", "\n".join(lines + ["echo &ft", "redir END", "qa!"]))
        subprocess.run(["vim", "-u", "NONE", "-i", "NONE", "-N", "-es", "-S", "do.vim"], cwd=self.folder, timeout=60)
        shown = self.read("out.txt").split()
        self.assertEqual(shown[-1], "cep")
        self.assertEqual(list(zip([text for text, _ in COLOURS], shown)), [(text, f"cep{group}." if group else ".") for text, group in COLOURS])

    @unittest.skipIf(shutil.which("nvim") is None, "there is no nvim")
    def test_neovim_does_each_thing(self):
        self.write("rules.cep", "stream Login from stdin format json { time ts  user: string  ip: ip?  ok: bool }\n// ü🙂\n"
                                "detect guessed by user within 10m {\n    match 3+ Login as fail where not ok\n"
                                "    then Login as hit where ok and last(fail).ipp == ip\n emit {ip: hit.ip} }\n")
        column = self.read("rules.cep").split("\n")[4].index("ipp")
        self.write("do.lua", f"local CEP = {json.dumps(CEP)}\n" + NVIM.replace("4, 38, 4, 41", f"4, {column}, 4, {column + 3}"))
        subprocess.run(["nvim", "--headless", "-u", "NONE", "-i", "NONE", "--cmd", f"set rtp^={SOURCE}/editors/vim | filetype plugin on", "-c", "luafile do.lua", "-c", "cq"],
                       cwd=self.folder, timeout=120, capture_output=True, env=self.environment(HOME=str(self.folder)))
        self.assertTrue((self.folder / "done.json").exists())
        done = json.loads(self.read("done.json"))
        self.assertEqual(done["filetype"], "cep")
        self.assertIn("did you mean 'ip'", done["problem"])
        self.assertIn("ip: ip?", done["hover"])
        self.assertEqual(done["completion"], ["ts", "user", "ip", "ok"])
        self.assertEqual(done["definition"]["line"], 3)
        self.assertEqual(done["outline"], ["Login", "guessed"])
        self.assertIn("    match 3+ Login as wrong where not ok\n    then  Login as hit where ok and last(wrong).ip == ip\n    emit  { ip: hit.ip }\n}", done["text"])


if __name__ == "__main__":
    main()
