#!/usr/bin/env python3
# test_lsp.py - `cep lsp`: a session of an editor for each feature; broken files; bytes that are no messages.
import json
import subprocess
import unittest

from command import CEP, Case, main

URI = "file:///rules.cep"
RULES = """\
// Prüfung 🙂
stream Login from stdin format json { time ts  user: string  ip: ip?  ok: bool }
stream Reset from stdin format json { time ts  user: string }
define Bad = Login where not ok
table risky from file "risky.csv" format csv key country { country: string  score: int }

detect guessed by user within 10m {
    match 3+ Bad as fail where ip is not null
    then  no Reset
    then  Login as hit where ok and ip == last(fail).ip and lower(user) not in risky.country
    emit  { user: hit.user, attempts: count(fail) }

    test "three and one" {
        at 0s Login { user: "ann", ip: "10.0.0.7", ok: false } repeat 3 every 1s
        at 5s Login { user: "ann", ip: "10.0.0.7", ok: true }
        expect { user: "ann", attempts: 3 }
    }
}

aggregate busy from Login where ok by user window tumbling 1m {
    n: count()
    having n > 5
    emit { share: n * 2 }
}
"""


class Client:
    """An editor: messages out, messages in."""

    def __init__(self, case, encodings=("utf-16",)):
        self.process = subprocess.Popen([CEP, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=case.folder)
        case.addCleanup(self.process.stdout.close)
        case.addCleanup(self.process.stdin.close)
        case.addCleanup(self.process.wait)
        case.addCleanup(self.process.kill)
        self.id = 0
        self.text = ""
        self.is_bytes = "utf-8" in encodings
        self.answer = self.ask("initialize", {"processId": None, "capabilities": {"general": {"positionEncodings": list(encodings)}}})
        self.tell("initialized", {})

    def send(self, message):
        data = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def tell(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask_all(self, method, params):
        self.id += 1
        self.send({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        answer = self.receive()
        assert answer["id"] == self.id, answer
        return answer

    def ask(self, method, params):
        return self.ask_all(method, params)["result"]

    def open(self, text, uri=URI):
        self.text = text
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "cep", "version": 1, "text": text}})
        return self.receive()["params"]

    def change(self, *changes):
        self.tell("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": list(changes)})
        return self.receive()["params"]

    def units(self, text):
        return len(text.encode()) if self.is_bytes else len(text.encode("utf-16-le")) // 2

    def place(self, mark, inside=0, nth=0):
        """Of the nth time that the mark stands in the text."""
        at = -1
        for _ in range(nth + 1):
            at = self.text.index(mark, at + 1)
        before = self.text[:at + inside]
        return {"line": before.count("\n"), "character": self.units(before.rsplit("\n", 1)[-1])}

    def at(self, mark, inside=0, nth=0):
        return {"textDocument": {"uri": URI}, "position": self.place(mark, inside, nth)}

    def taken(self, span):
        """The text in a range."""
        lines = self.text.split("\n")
        first, last = span["start"], span["end"]
        assert first["line"] == last["line"]
        line, step = lines[first["line"]], "utf-8" if self.is_bytes else "utf-16-le"
        size = 1 if self.is_bytes else 2
        return line.encode(step)[first["character"] * size:last["character"] * size].decode(step)

    def hover(self, mark, inside=0, nth=0):
        answer = self.ask("textDocument/hover", self.at(mark, inside, nth))
        return answer and answer["contents"]["value"]

    def labels(self, mark, inside=None, nth=0):
        items = self.ask("textDocument/completion", self.at(mark, len(mark) if inside is None else inside, nth))
        return [item["label"] for item in items]


class Lsp(Case):
    def client(self, text=RULES, **more):
        client = Client(self, **more)
        client.problems = client.open(text)["diagnostics"]
        return client

    def test_a_session_begins_and_ends(self):
        client = Client(self)
        self.assertEqual(client.answer["serverInfo"]["name"], "cep")
        self.assertEqual(client.answer["capabilities"]["positionEncoding"], "utf-16")
        self.assertIsNone(client.ask("shutdown", None))
        self.assertEqual(client.ask_all("textDocument/hover", {})["error"]["code"], -32600)
        client.tell("exit", None)
        client.process.stdin.close()
        self.assertEqual(client.process.wait(), 0)

    def test_exit_without_shutdown_is_1(self):
        client = Client(self)
        client.tell("exit", None)
        self.assertEqual(client.process.wait(), 1)
        client.process.stdin.close()

    def test_what_is_asked_before_initialize_or_is_unknown_gets_an_error(self):
        body = b'{"jsonrpc":"2.0","id":"x","method":"textDocument/hover"}'
        done = subprocess.run([CEP, "lsp"], input=b"Content-Length: %d\r\n\r\n%b" % (len(body), body), capture_output=True)
        self.assertIn(b'"id":"x","error":{"code":-32002', done.stdout)
        self.assertEqual(Client(self).ask_all("no/such", {})["error"]["code"], -32601)

    def test_bytes_that_are_no_messages(self):
        done = subprocess.run([CEP, "lsp"], input=b"GET / HTTP/1.1\r\n\r\n", capture_output=True)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"Content-Length", done.stderr)
        done = subprocess.run([CEP, "lsp"], input=b"Content-Length: 3\r\n\r\n{x}Content-Length: 2\r\n\r\n{}", capture_output=True)
        self.assertIn(b'"id":null,"error":{"code":-32700', done.stdout)
        self.assertIn(b"-32600", done.stdout)

    def test_mistakes_have_their_places(self):
        client = self.client()
        self.assertEqual([p["severity"] for p in client.problems], [], client.problems)
        client.text = RULES.replace("ip is not null", "ipp is not null").replace("// Prüfung 🙂\n", "/* 🙂ü */ ")
        found = client.change({"text": client.text})
        self.assertEqual(found["version"], 2)
        self.assertEqual([client.taken(p["range"]) for p in found["diagnostics"]], ["ipp"])
        self.assertIn("did you mean 'ip'", found["diagnostics"][0]["message"])
        self.assertEqual((found["diagnostics"][0]["severity"], found["diagnostics"][0]["source"]), (1, "cep"))
        client.text = RULES + "define Reset = Login where ok\n"
        found = client.change({"text": client.text})["diagnostics"][0]
        self.assertEqual((found["code"], found["range"]["start"]), (305, client.place("Reset =")))
        self.assertEqual(found["relatedInformation"][0]["location"]["range"]["start"], client.place("Reset from"))
        client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
        self.assertEqual(client.receive()["params"]["diagnostics"], [])
        self.assertEqual(client.ask_all("textDocument/hover", client.at("Login"))["error"]["code"], -32602)

    def test_changes_of_parts(self):
        for encodings in (("utf-16",), ("utf-8", "utf-16")):
            client = self.client("stream A { time t }\r\n// ü🙂 x\r\ndetect d within 1m { match A }\r\n", encodings=encodings)
            self.assertEqual(client.answer["capabilities"]["positionEncoding"], encodings[0])
            after = client.units("// ü🙂")
            found = client.change({"range": {"start": {"line": 1, "character": after}, "end": {"line": 1, "character": after + 2}}, "text": "\r\nstream ü"},
                                  {"range": {"start": {"line": 3, "character": 99}, "end": {"line": 9, "character": 0}}, "text": "\n"})
            self.assertEqual(found["diagnostics"][0]["range"]["start"], {"line": 2, "character": 7})
            found = client.change({"range": {"start": {"line": 2, "character": 7}, "end": {"line": 2, "character": 7 + client.units("ü")}}, "text": "B { time t }"})
            self.assertEqual([p["severity"] for p in found["diagnostics"]], [2])
            formatted = client.ask("textDocument/formatting", {"textDocument": {"uri": URI}, "options": {"tabSize": 8, "insertSpaces": False}})
            self.assertEqual(formatted[0]["newText"], "stream A { time t }\n// ü🙂\nstream B { time t }\ndetect d within 1m { match A }\n")

    def test_hover_tells_kinds(self):
        client = self.client()
        for mark, inside, expected in (("ip is not", 0, "ip: ip?"), (").ip", 2, "ip: ip?"), ("hit.user", 5, "user: string"), ("as fail", 3, "fail: Bad {"),
                                       ("last(fail)", 5, "fail: Bad {"), ("lower(", 1, "lower(string) → string"), ("3+ Bad", 3, "define Bad = Login where not ok"),
                                       ("from Login", 6, "stream Login from stdin"), ("attempts: 3", 0, "attempts: int"), ("having n", 7, "n: int"), ("n * 2", 0, "measure of the aggregate"), ("n: count", 0, "n: int"),
                                       ("count(fail)", 2, "count(x)"), ("by user within", 3, "user"), ("{ user: \"ann\"", 2, "user: string")):
            self.assertIn(expected, client.hover(mark, inside), mark)
        self.assertIsNone(client.hover("match", 1))
        self.assertIsNone(client.hover("// Pr", 4))

    def test_definitions(self):
        client = self.client()
        for mark, inside, to in (("fail).ip", 1, "fail where"), ("3+ Bad", 3, "Bad = "), ("hit.user", 0, "hit where"), ("hit.user", 4, "user: string"),
                                 ("attempts: 3", 0, "attempts: count"), ("no Reset", 4, "Reset from"), ("having n", 7, "n: count")):
            answer = client.ask("textDocument/definition", client.at(mark, inside))
            self.assertEqual(answer["range"]["start"], client.place(to), mark)

    def test_references(self):
        client = self.client()
        asked = {**client.at("as fail", 3), "context": {"includeDeclaration": True}}
        self.assertEqual([client.taken(r["range"]) for r in client.ask("textDocument/references", asked)], ["fail"] * 3)
        asked = {**client.at("stream Login", 8), "context": {"includeDeclaration": False}}
        self.assertEqual([client.taken(r["range"]) for r in client.ask("textDocument/references", asked)], ["Login"] * 5)

    def rename(self, client, mark, inside, name):
        answer = client.ask_all("textDocument/rename", {**client.at(mark, inside), "newName": name})
        if "error" in answer:
            return answer["error"]["message"]
        lines = client.text.split("\n")
        for edit in reversed(answer["result"]["changes"][URI]):
            line, first, last = edit["range"]["start"]["line"], edit["range"]["start"]["character"], edit["range"]["end"]["character"]
            lines[line] = lines[line][:first] + edit["newText"] + lines[line][last:]
        return "\n".join(lines)

    def test_a_step_gets_another_name_everywhere(self):
        client = self.client()
        prepared = client.ask("textDocument/prepareRename", client.at("last(fail)", 6))
        self.assertEqual((prepared["placeholder"], client.taken(prepared["range"])), ("fail", "fail"))
        self.assertEqual(self.rename(client, "last(fail)", 6, "wrong"), RULES.replace("fail", "wrong"))
        self.assertEqual(self.rename(client, "as fail", 4, "not"), RULES.replace("fail", "`not`"))
        self.assertEqual(self.rename(client, "stream Reset", 8, "Fresh"), RULES.replace("Reset", "Fresh"))
        self.assertIn("taken", self.rename(client, "as fail", 4, "hit"))
        self.assertIn("back-tick", self.rename(client, "as fail", 4, "a`b"))
        self.assertIn("records", self.rename(client, "ip is", 1, "x"))
        self.assertIsNone(client.ask("textDocument/prepareRename", client.at("ip is", 1)))

    def test_completion(self):
        client = self.client()
        self.assertEqual(client.labels("last(fail)."), ["ts", "user", "ip", "ok"])
        self.assertEqual(client.labels("hit.us"), ["ts", "user", "ip", "ok"])
        self.assertEqual(client.labels("then  no")[:3], ["Login", "Reset", "Bad"])
        self.assertEqual(client.labels("at 5s "), ["Login", "Reset", "Bad", "busy"])
        self.assertEqual(client.labels("at 0s Login { "), ["ts", "user", "ip", "ok"])
        self.assertEqual(client.labels("expect { "), ["user", "attempts"])
        where = client.labels("as hit where ")
        self.assertEqual(where[:4], ["ts", "user", "ip", "ok"])
        self.assertLessEqual({"fail", "hit", "risky", "lower", "count", "and", "is not null", "emit"}, set(where))
        self.assertEqual(client.labels("window "), ["tumbling", "sliding", "session gap", "count"])
        self.assertEqual(client.labels("guessed by "), ["ts", "user", "ip", "ok"])
        self.assertEqual(client.labels("where ok by "), ["ts", "user", "ip", "ok"])
        self.assertEqual(client.labels("within 10m {")[0], "match")
        self.assertLessEqual({"user", "n", "lower"}, set(client.labels("share: ")))
        self.assertEqual(client.labels("user: "), ["bool", "int", "float", "string", "time", "duration", "ip"])
        self.assertIn("detect", client.labels("}\n\naggregate", 3))
        self.assertEqual(client.labels("// Pr"), [])
        self.assertEqual(client.labels('test "thr'), [])
        items = client.ask("textDocument/completion", client.at("as hit where ", 13))
        self.assertIn("ASCII letters", next(i for i in items if i["label"] == "lower")["documentation"]["value"])
        self.assertEqual(next(i for i in items if i["label"] == "ip")["detail"], "ip?")

    def test_a_broken_file_is_completed_all_the_same(self):
        client = self.client()
        start = RULES[:RULES.index("    then  Login as hit")]
        for tail, expected in (("    then  Login as hit where ok and last(fail).", ["ts", "user", "ip", "ok"]),
                               ("    then  Login as hit where fail[0].", ["ts", "user", "ip", "ok"]), ("    then  Login as hit where ", ["ts", "user", "ip", "ok"]),
                               ("    then  ", ["Login", "Reset", "Bad"]), ("    emit { x: hi", ["user", "fail"])):
            client.text = start + tail
            self.assertNotEqual(client.change({"text": client.text})["diagnostics"], [])
            self.assertEqual(client.labels(tail)[:len(expected)], expected, tail)
        # What a detection gives is remembered from before its mistake.
        client = self.client(RULES + "detect again within 1h { match guessed as g }\n")
        client.text = RULES.replace("emit  {", "emit  ,,,") + "detect again within 1h { match guessed as g where g."
        client.change({"text": client.text})
        self.assertEqual(client.labels("where g."), ["user", "attempts"])

    def test_names_that_need_back_ticks_get_them(self):
        client = self.client("stream A { time t  `id.orig`: int  in: int }\ndetect d within 1m { match A as a where a.t == t }\n")
        items = client.ask("textDocument/completion", client.at("a.t", 2))
        self.assertEqual([i.get("insertText") for i in items], [None, "`id.orig`", "`in`"])

    def test_outline(self):
        client = self.client()
        symbols = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": URI}})
        self.assertEqual([(s["name"], s["detail"]) for s in symbols], [("Login", "stream"), ("Reset", "stream"), ("Bad", "define"), ("risky", "table"),
                                                                      ("guessed", "detect"), ("busy", "aggregate")])
        self.assertEqual([c["name"] for c in symbols[4]["children"]], ["fail", "hit", "three and one"])
        self.assertEqual(client.taken(symbols[4]["selectionRange"]), "guessed")

    def test_layout(self):
        client = self.client()
        asked = {"textDocument": {"uri": URI}, "options": {"tabSize": 4, "insertSpaces": True}}
        self.assertEqual(client.ask("textDocument/formatting", asked), [])
        client.change({"text": "stream  A{time t}"})
        self.assertEqual(client.ask("textDocument/formatting", asked)[0]["newText"], "stream A { time t }\n")
        client.change({"text": "stream  A{"})
        self.assertIsNone(client.ask("textDocument/formatting", asked))

    def test_a_session_in_pieces_is_the_same_session(self):
        messages = [{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}},
                    {"jsonrpc": "2.0", "method": "textDocument/didOpen",
                     "params": {"textDocument": {"uri": URI, "languageId": "cep", "version": 1, "text": RULES}}},
                    {"jsonrpc": "2.0", "id": 2, "method": "textDocument/documentSymbol", "params": {"textDocument": {"uri": URI}}},
                    {"jsonrpc": "2.0", "id": 3, "method": "shutdown"}, {"jsonrpc": "2.0", "method": "exit"}]
        data = b"".join(b"Content-Type: x\r\nCONTENT-LENGTH:  %d\r\n\r\n%b" % (len(d), d) for d in (json.dumps(m).encode() for m in messages))
        whole = subprocess.run([CEP, "lsp", "--stdio"], input=data, capture_output=True, check=True).stdout
        process = subprocess.Popen([CEP, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for i in range(0, len(data), 97):
            process.stdin.write(data[i:i + 97])
            process.stdin.flush()
        self.assertEqual(process.communicate()[0], whole)
        self.assertEqual((process.returncode, whole.count(b"Content-Length")), (0, 4))


if __name__ == "__main__":
    main()
