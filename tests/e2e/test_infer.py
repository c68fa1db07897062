#!/usr/bin/env python3
# test_infer.py - declarations for logs that nobody described: they compile, and rules over them find what they should.
import collections
import gzip
import json
import sys

from command import SOURCE, Case, main

DATA = SOURCE.parent / "shared/data"
SSHD = [f"Mar 14 08:{m:02}:{s:02} web sshd[{700 + m}]: Failed password for {who} from 203.0.113.{m % 3 + 7} port {4000 + s} ssh2"
        for m in range(12) for s, who in ((1, "root"), (9, "invalid user admin"), (18, "invalid user test"), (40, "ann"))]
SSHD += [f"Mar 14 09:{m:02}:00 web sshd[{800 + m}]: Accepted publickey for deploy from 198.51.100.23 port {5000 + m} ssh2" for m in range(6)]


def alerts_of(text):
    return collections.Counter(json.loads(line)["detection"] for line in text.splitlines())


class Formats(Case):
    def infer(self, *paths, code=0, **more):
        done = self.cep("infer", *paths, code=code, **more)
        if code == 0:
            self.write("made.cep", done.stdout)
            self.assertNotIn("error", self.cep("check", "made.cep").stderr)
            self.assertEqual(done.stdout, self.cep("infer", *paths, **more).stdout)
        return done.stdout

    def test_json_with_types_nested_fields_and_disorder(self):
        records = [{"ts": 1700000000000 + 1000 * n - 2500 * (n % 5 == 3), "kind": "get" if n % 3 else "put", "n": n, "share": n / 4,
                    "ok": n % 2 == 0, "client": {"address": f"10.0.0.{n}", "port": 1000 + n}, "tags": [1], "@v": "1", "code": "17",
                    **({"note": None if n % 2 else "x"} if n < 20 else {})} for n in range(40)]
        self.write("calls.json", "".join(json.dumps(r) + "\n" for r in records) + "{broken\n")
        text = self.infer("calls.json")
        for part in ('stream Calls from file "calls.json" format json {', "time ts ms lateness 1500ms", "n: int ", "share: float ", "ok: bool ",
                     'client_address: ip at "client.address"', 'client_port: int at "client.port"', 'v: string at "@v"', "int(code)",
                     "note: string?", "25 %", '"tags" (an array)', "define Get = Calls where kind == \"get\"", "8 come behind a newer one, by 1s500ms at most",
                     "1 could not be read"):
            self.assertIn(part, text)

    def test_csv_with_and_without_a_header(self):
        rows = "".join(f'2024-05-01 10:{n:02}:00;"a;{n}";{n}.5;{"" if n % 2 else n}\n' for n in range(30))
        self.write("t.csv", "Ordered at;name;price;left\n" + rows)
        text = self.infer("t.csv")
        for part in ('format csv (delimiter ";")', 'time Ordered_at at "Ordered at" ', "name: string ", "price: float ", "left: int? "):
            self.assertIn(part, text)
        self.write("u.csv", rows)
        text = self.infer("u.csv")
        for part in ('format csv (columns "c1,c2,c3,c4", delimiter ";")', "time c1 ", "c4: int? "):
            self.assertIn(part, text)
        done = self.cep("-e", "detect dear within 1h { match 3 U as u where c3 > 20 }", "u.csv")
        self.assertEqual(alerts_of(done.stdout), {"dear": 3})

    def test_logfmt(self):
        self.write("app.log", "".join(f'time=2024-05-01T10:00:{n:02}Z level={"error" if n % 4 == 0 else "info"} msg="took long" took={n}ms peer=10.0.0.{n}{" retried" if n > 50 else ""}\n'
                                      for n in range(60)))
        text = self.infer("app.log")
        for part in ("format logfmt {", "time time ", "level: string ", "took: duration ", "peer: ip ", "retried: bool?", 'define Error = App where level == "error"'):
            self.assertIn(part, text)
        self.assertEqual(alerts_of(self.cep("-e", "detect bad within 1m { match 5 Error as e }", "app.log").stdout), {"bad": 3})

    def test_log_lines_become_streams_by_their_shapes(self):
        self.write("auth.log", "\r\n".join(SSHD))
        text = self.infer("auth.log")
        for part in ("input Auth from file", 'time ts "%b %e %H:%M:%S"', "host: string  process: string  pid: int?  message: string", "stream Line from Auth { }",
                     "// 48 lines: ", "stream FailedPassword from Auth", "(?: +invalid +user)?", "{ user: string  ip: ip  port: int }", "stream AcceptedPublickey"):
            self.assertIn(part, text)
        self.write("r.cep", text + "detect many by ip within 61s { match 4 FailedPassword as f emit { users: count(f) } }\n"
                   "detect lines within 1d { match 54 Line as l }\ndetect ok within 1d { match 6 AcceptedPublickey as a }\n")
        done = self.cep("run", "r.cep", "--quiet")
        self.assertEqual(alerts_of(done.stdout), {"many": 12, "lines": 1, "ok": 1})
        done = self.cep("run", "r.cep", "auth.log", "auth.log")
        self.assertIn("108 records", done.stderr)

    def test_other_logs(self):
        for name, lines, parts in (
                ("access", ['10.0.0.%d - - [10/Oct/2024:13:55:%02d +0200] "GET /a/%d HTTP/1.1" 200 %d' % (n, n, n, n * 7) for n in range(40)],
                 ('time ts "%d/%b/%Y:%H:%M:%S %z"', "status: int  bytes: int?")),
                ("java", ["2024-05-01 10:00:%02d,%03d INFO  [main] org.Foo: started job %d in 12 ms" % (n, n, n) for n in range(40)],
                 ('time ts "%Y-%m-%d %H:%M:%S,%f"', "level: string", "job: int")),
                ("apache", ["[Sun Dec 04 04:47:%02d 2005] [notice] jk2_init() Found child %d in slot %d" % (n, 6000 + n, n) for n in range(40)],
                 ('"%a %b %e %H:%M:%S %Y"', "level: string", "child: int  slot: int")),
                ("hdfs", ["081109 2036%02d %d INFO dfs.DataNode: Received block blk_%d of size 67108864 from /10.250.14.%d" % (n, n, n * 77, n) for n in range(40)],
                 ('"%y%m%d %H%M%S"', "level: string", "ip: ip")),
                ("epoch", ["%d.%03d host%d ping" % (1700000000 + n, n, n) for n in range(40)], ("time ts s",)),
                ("plain", ["one thing %d happened" % n for n in range(40)], ("time ingestion", "thing: int"))):
            self.write(name + ".log", "\n".join(lines) + "\n")
            text = self.infer(name + ".log")
            for part in parts:
                self.assertIn(part, text, text)
            if "ingestion" not in text:
                stream = name.capitalize() if name == "access" else "Line"
                done = self.cep("-e", "detect d within 1d { match 40 %s as l }" % stream, name + ".log")
                self.assertEqual(alerts_of(done.stdout), {"d": 1}, (name, text, done.stderr))

    def test_packed_several_and_piped(self):
        lines = "".join(json.dumps({"time": f"2024-05-01T10:00:{n:02}Z", "user": "u"}) + "\n" for n in range(60))
        self.write("a.json.gz", gzip.compress(lines.encode()))
        self.write("b.json", lines)
        self.assertIn("120 records of \"a.json.gz\" and 1 more", self.infer("a.json.gz", "b.json", "--name", "In"))
        self.assertIn("stream In format json {", self.infer("a.json.gz", "b.json", "--name", "In"))
        self.assertIn(" from stdin format json {", self.infer("-", stdin=lines))

    def test_what_cannot_be_described(self):
        self.write("empty", "")
        self.write("pretty", '[\n  {"a": 1}\n]\n')
        self.write("binary", b"\x00\x01\x02" * 100)
        self.write("j.json", '{"time":"2024-05-01T10:00:00Z"}\n')
        self.write("c.csv", "time,a\n2024-05-01T10:00:00Z,1\n2024-05-01T10:00:00Z,2\n")
        for paths, why in ((("empty",), "no record"), (("pretty",), "jq -c"), (("binary",), "not text"), (("j.json", "c.csv"), "another format")):
            done = self.cep("infer", *paths, code=1)
            self.assertIn(why, done.stderr)
            self.assertEqual(done.stdout, "")
        self.cep("infer", "no such file", code=3)


class Rules(Case):
    def test_a_mistake_points_into_the_rule_and_names_what_there_is(self):
        self.write("cars.json", '{"time":"2024-05-01T10:00:00Z","driver":1}\n' * 3)
        done = self.cep("-e", "detect d within 1m {\n match Cars as c where drivr == 1 }", "cars.json", code=1)
        self.assertIn("-e:2:24: error: stream 'Cars' has no field 'drivr'; did you mean 'driver'?\n   match Cars as c where drivr == 1 }", done.stderr)
        self.assertIn("stream Cars: time driver\n", done.stderr)
        self.assertIn("has no detection", self.cep("-e", "define D = Cars where driver == 2", "cars.json").stderr)
        for pipe in "-", "/dev/stdin":
            self.assertIn("is a pipe", self.cep("-e", "detect d within 1m { match Cars as c }", pipe, code=2).stderr)
        self.assertIn("Is a directory", self.cep("-e", "detect d within 1m { match Cars as c }", ".", code=3).stderr)
        self.cep("-e", "detect d within 1m { match Cars as c }", code=2)

    def test_a_rule_over_the_declarations_of_a_file(self):
        self.write("r.cep", "stream A { time ts ms  k: int }\n")
        self.write("in", "".join(json.dumps({"ts": n, "k": n}) + "\n" for n in range(10)))
        self.assertEqual(alerts_of(self.cep("-e", "detect d within 1s { match 5 A as a }", "r.cep", "in").stdout), {"d": 2})
        done = self.cep("run", "-e", "detect d within 1s { match 5 B as a }", "r.cep", "in", code=1)
        self.assertIn("-e:1:30: error: unknown stream 'B'", done.stderr)


class Inputs(Case):
    RULES = "stream A { time ts ms  k: int }\nstream B from file \"b.json\" { time ts ms  k: int }\n" \
            "detect d by k within 1h { match A as a then B as b }\n"

    def test_files_go_to_the_input_that_has_none(self):
        self.write("r.cep", self.RULES)
        self.write("a.json", '{"ts":1000,"k":1}\n')
        self.write("b.json", '{"ts":2000,"k":1}\n')
        self.assertEqual(alerts_of(self.cep("run", "r.cep", "a.json").stdout), {"d": 1})
        self.assertEqual(alerts_of(self.cep("run", "r.cep", "--input", "A=a.json", "b.json").stdout), {"d": 1})
        self.write("r.cep", self.RULES.replace(" from file \"b.json\"", ""))
        done = self.cep("run", "r.cep", "a.json", code=2)
        self.assertIn("which input of r.cep is 'a.json'? Say --input NAME=a.json", done.stderr)
        self.assertIn("Its inputs: A B\n", done.stderr)


class Scan(Case):
    RULES = "stream A { time ts ms%s  k: int }\ndetect d by k within 10s { match A as a then A as b where k == 1 emit { at_: b.ts } }\n"

    def run_rules(self, lateness, *args, **more):
        self.write("r.cep", self.RULES % lateness)
        return self.cep("run", "r.cep", *args, **more)

    def records(self, *times):
        return "".join(json.dumps({"ts": ms, "k": 1}) + "\n" for ms in times)

    def test_files_get_the_lateness_they_need(self):
        self.write("in", self.records(1000, 5000, 3000, 9000, 8500))
        done = self.run_rules("", "in")
        self.assertIn("input A: events are up to 2s late (2 of them are); lateness 2s used - declare it to skip the scan\n", done.stderr)
        self.assertEqual(done.stdout, self.run_rules(" lateness 2s", "in").stdout)
        self.assertIn("5 used, 0 filtered, 0 unkeyed, 0 late", done.stderr)
        for lateness, args, stdin in ((" lateness 0s", ("in",), ""), ("", ("in", "--no-scan"), ""), ("", ("-",), self.read("in"))):
            done = self.run_rules(lateness, *args, stdin=stdin)
            self.assertNotIn("declare it", done.stderr)
            self.assertIn("3 used, 0 filtered, 0 unkeyed, 2 late", done.stderr)
            self.assertIn("lateness 2s would have kept all", done.stderr)

    def test_partitions_are_scanned_each_and_the_worst_counts(self):
        self.write("a", self.records(1000, 2000, 3000))
        self.write("b", self.records(1000, 500, 100000))
        self.assertIn("up to 500ms late (1 of them are); lateness 500ms used", self.run_rules("", "a", "b").stderr)

    def test_what_is_in_no_order_at_all_gets_none(self):
        self.write("in", self.records(200000000, 1000))
        done = self.run_rules("", "in")
        self.assertIn("lateness 0 is used", done.stderr)
        self.assertIn("1 late", done.stderr)

    def test_a_header_is_read_again(self):
        self.write("r.cep", "stream A format csv { time ts ms  k: int }\ndetect d by k within 10s { match 3 A as a }\n")
        self.write("in.csv", "k,ts\n1,1000\n1,3000\n1,2000\n")
        self.assertEqual(alerts_of(self.cep("run", "r.cep", "in.csv").stdout), {"d": 1})


class KnownAnswers(Case):
    def setUp(self):
        super().setUp()
        if not DATA.is_dir():
            self.skipTest(f"no {DATA}")

    def test_openssh(self):
        path = str(DATA / "openssh/OpenSSH_2k.log")
        done = self.cep("-e", "detect many by ip within 61s { match 5 FailedPassword as f }", path)
        self.assertEqual(alerts_of(done.stdout), {"many": 95})
        self.assertIn("518 used", done.stderr)

    def test_cars(self):
        path = str(DATA / "windows/cars.json")
        self.assertIn("time timestamp lateness 23s", self.cep("infer", path).stdout)
        done = self.cep("-e", "detect open by driver_id within 3300s { match Pickup as p then no Dropoff }", path)
        self.assertEqual(alerts_of(done.stdout), {"open": 341})

    def test_purplesharp(self):
        path = str(DATA / "mordor/host/lateral_movement__purplesharp_ad_playbook_I.json.zst")
        made = self.cep("infer", path, "--name", "Win").stdout
        self.assertIn("time EventTime lateness 40s", made)
        self.assertIn("23,450 come behind a newer one, by 40s at most", made)
        example = (SOURCE / "examples/purplesharp.cep").read_text(encoding="utf-8")
        rules = example[example.index("// One password"):]
        for name, number in (("Failed", 4625), ("Ticket", 4769), ("Process", 1)):
            made += f"define {name} = Win where EventID == {number}\n"
        self.write("r.cep", made + rules)
        done = self.cep("run", "r.cep")
        self.assertEqual(alerts_of(done.stdout), {"spray": 1, "kerberoast": 1, "remote": 1})
        self.assertIn(" 0 late", done.stderr)
        self.write("r.cep", made.replace("lateness 40s", "lateness 39s") + rules)
        self.assertIn("248 late events; lateness 40s", self.cep("run", "r.cep").stderr)


main()
