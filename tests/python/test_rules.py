#!/usr/bin/env python3
# test_rules.py - compiling from Python: mistakes with their places, what rules say of themselves.
import pathlib
import tempfile
import unittest

import cep

RULES = """input Web from file "web.ndjson" format json { time ts s  kind: string }
stream Login from Web where kind == "login" { ip: ip  user: string?  ok: bool }
table Staff from file "staff.csv" format csv (columns "user,level") key user { user: string  level: int }
detect brute by ip within 10m {
  meta { severity: "high", score: 7 }
  match 3 Login as fail where not ok
  emit { n: count(fail) }
  test "three" { at 0s Login { ip: "10.0.0.7", ok: false } repeat 3 every 1s  expect { n: 3 } }
  test "two are too few" { at 0s Login { ip: "10.0.0.7", ok: false } repeat 2 every 1s  expect { n: 3 } }
}
"""


class CompileTest(unittest.TestCase):
    def test_a_mistake_is_shown_with_its_place(self):
        with self.assertRaises(cep.CompileError) as caught:
            cep.compile("stream A from stdin format json { time ts  x: int }\ndetect d within 1m { match A as a where y > 1 }", "my.cep")
        error = caught.exception
        self.assertEqual(error.status, "CEP_E_SEMANTIC")
        first = error.diagnostics[0]
        self.assertEqual((first.name, first.line, first.severity), ("my.cep", 2, "error"))
        self.assertIn("my.cep:2:", str(error))
        self.assertEqual(str(error).splitlines()[2].index("^"), first.column - 1 + 2)

    def test_every_mistake_is_told(self):
        with self.assertRaises(cep.CompileError) as caught:
            cep.compile("detect x { match A }")
        self.assertGreater(len(caught.exception.diagnostics), 1)

    def test_a_path_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "web.cep"
            path.write_text(RULES)
            rules = cep.compile(path)
            self.assertEqual(rules.name, str(path))
            with self.assertRaisesRegex(cep.CompileError, "name of a file: give cep.compile"):
                cep.compile(str(path))
        with self.assertRaises(FileNotFoundError):
            cep.compile(path)
        with self.assertRaisesRegex(TypeError, "not int"):
            cep.compile(7)

    def test_text_beyond_ascii_keeps_its_carets(self):
        with self.assertRaises(cep.CompileError) as caught:
            cep.compile("/* äöü */ detect ß")
        self.assertIn("^", str(caught.exception))

    def test_what_is_there(self):
        rules = cep.compile(RULES)
        self.assertEqual((rules.inputs, rules.detections, rules.tables), (("Web",), ("brute",), ("Staff",)))
        self.assertEqual(list(rules.streams), ["Login"])
        stream = rules.streams["Login"]
        self.assertEqual(stream.input, "Web")
        fields = {field.name: field for field in stream.fields}
        self.assertEqual([field.kind for field in stream.fields], ["time", "string", "ip", "string", "bool"])
        self.assertTrue(fields["ts"].is_time)
        self.assertTrue(fields["user"].may_be_null)
        self.assertFalse(fields["ok"].may_be_null)
        self.assertEqual(rules.meta("brute"), {"severity": "high", "score": 7})
        with self.assertRaisesRegex(cep.UnknownNameError, "did you mean 'brute'"):
            rules.meta("brut")

    def test_the_tests_of_rules(self):
        one, other = cep.compile(RULES).test()
        self.assertEqual((one.detection, one.name, one.passed, one.expected), ("brute", "three", True, ""))
        self.assertEqual((other.passed, other.line), (False, 9))
        self.assertTrue(other.expected)

    def test_pictures(self):
        rules = cep.compile(RULES)
        self.assertIn("fail: 3 Login where not ok", rules.explain("brute"))
        self.assertIn("detection brute", rules.explain(what="nfa"))
        with self.assertRaises(cep.UnknownNameError):
            rules.explain("nobody")
        with self.assertRaises(cep.UnknownNameError):
            rules.explain(what="oil")

    def test_saved_rules_are_loaded(self):
        image = cep.compile(RULES).save()
        rules = cep.load(image)
        self.assertEqual(rules.detections, ("brute",))
        with self.assertRaises(cep.Error) as caught:
            cep.load(image[:-9])
        self.assertEqual(caught.exception.status, "CEP_E_CORRUPT")

    def test_settings(self):
        rules = cep.compile(RULES)
        rules.engine(memory_max="64MiB", settings={"partial.max": 10}).close()
        with self.assertRaises(cep.UnknownNameError):
            rules.engine(memory_min="64MiB")
        with self.assertRaises(cep.Error):
            rules.engine(memory_max="much")


if __name__ == "__main__":
    unittest.main()
