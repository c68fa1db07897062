#!/usr/bin/env python3
# test_inputs.py - `cep run` over CSV, logfmt, packed files, several files, and files that grow.
import gzip
import os
import shutil
import signal
import subprocess
import time

from command import Case, event, main

CSV = """stream Order from file "orders.csv" format csv %s {
  time at s lateness 5s
  user: string  total: float?  note: string?
}
detect o within 1s { match Order as x emit { user: x.user, total: x.total, note: x.note } }
"""
EACH = """stream A from file "x" format json { time ts ms lateness 0s  k: int?  kind: string }
detect each within 1s { match A as a emit { k: a.k } }
"""


class Formats(Case):
    def test_csv_with_a_header(self):
        self.write("r.cep", CSV % "")
        self.write("orders.csv", 'at,user,total,note\r\n1,ann,2.5,"two\r\nlines, ""quoted"""\r\n\r\n2,bob,,\r\n3,"eve" x,1\r\n4,dan,1,,5\r\n5,"open\n')
        done = self.cep("run", "r.cep", "--dead-letter", "dead")
        self.assertEqual([a["emit"] for a in self.lines(done.stdout)], [
            {"user": "ann", "total": 2.5, "note": 'two\r\nlines, "quoted"'}, {"user": "bob", "total": None, "note": None}])
        self.assertEqual([a["events"][0]["position"] for a in self.lines(done.stdout)], [20, 58])
        dead = self.lines(self.read("dead"))
        self.assertEqual([(d["reason"], d["record"]) for d in dead], [
            ("csv", '3,"eve" x,1'), ("csv", "4,dan,1,,5"), ("csv", '5,"open\n')])
        # The header is a record of its own that is no event.
        self.assertIn("2 used, 1 filtered, 0 unkeyed, 0 late, 3 dead-lettered", done.stderr)

    def test_a_log_goes_on_when_clocks_go_back(self):
        self.write("r.cep", r"""
            stream Line from file "log" format line r"(?<n>\d+)$" { time "%d.%m.%Y %H:%M:%S" zone "Europe/Berlin"  n: int }
            detect gap within 30m { match Line as a then immediately Line as b after match skip to next emit { n: a.n } }""")
        clocks = ("01:45:00", "02:10:00", "02:35:00", "02:59:59", "02:10:00", "02:35:00", "02:59:59", "03:10:00")
        self.write("log", "".join(f"27.10.2024 {clock} {n}\n" for n, clock in enumerate(clocks)))
        done = self.cep("run", "r.cep")
        self.assertEqual([a["emit"]["n"] for a in self.lines(done.stdout)], list(range(7)))
        self.assertIn("0 late", done.stderr)

    def test_csv_with_columns_named_by_the_rules(self):
        self.write("r.cep", CSV % '(columns "user,at,total,note" delimiter ";" quote "\'")')
        self.write("orders.csv", "ann;1;2\n'b;b';2\n")
        done = self.cep("run", "r.cep")
        self.assertEqual([a["emit"]["user"] for a in self.lines(done.stdout)], ["ann", "b;b"])

    def test_a_record_of_csv_too_long_ends_where_it_ends(self):
        self.write("r.cep", CSV % "")
        self.write("orders.csv", 'at,user\n1,"' + "x,\n" * 2000 + '"\n2,bob\n')
        done = self.cep("run", "r.cep", "--dead-letter", "dead", "--set", "record.max=1KiB")
        self.assertEqual([a["emit"]["user"] for a in self.lines(done.stdout)], ["bob"])
        self.assertEqual([d["reason"] for d in self.lines(self.read("dead"))], ["length"])

    def test_logfmt(self):
        self.write("r.cep", """stream Web from stdin format logfmt { time ts  level: string  msg: string?  took: duration? at "http.took" }
detect slow within 1s { match Web as w where took > 1s or level == "error" emit { msg: w.msg } }
""")
        done = self.cep("run", "r.cep", "--input", "Web=-", "--dead-letter", "dead", stdin=
                        'ts=2024-01-01T00:00:00Z level=info msg="all \\"well\\"" http.took=2s\n'
                        'ts=2024-01-01T00:00:01Z level=info http.took=2ms\n'
                        'ts=2024-01-01T00:00:02Z level=error msg=down\n'
                        'ts=2024-01-01T00:00:03Z level="x\n')
        self.assertEqual([a["emit"]["msg"] for a in self.lines(done.stdout)], ['all "well"', "down"])
        self.assertEqual([d["reason"] for d in self.lines(self.read("dead"))], ["logfmt"])


class Packed(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", EACH)
        self.text = "".join(event(i, i) for i in range(1000)).encode()

    def check(self, done):
        alerts = self.lines(done.stdout)
        self.assertEqual([a["emit"]["k"] for a in alerts], list(range(1000)))
        starts = [0]
        for line in self.text.splitlines(True):
            starts.append(starts[-1] + len(line))
        self.assertEqual([a["events"][0]["position"] for a in alerts], starts[:-1])

    def test_gzip_is_known_by_its_bytes_also_from_standard_input(self):
        half = len(self.text) // 2
        packed = gzip.compress(self.text[:half]) + gzip.compress(self.text[half:])
        self.write("plain.name", packed)
        self.check(self.cep("run", "r.cep", "--input", "A=plain.name"))
        self.check(self.cep("run", "r.cep", "--input", "A=-", stdin=packed))

    def test_a_name_does_not_make_a_file_packed(self):
        self.write("a.gz", self.text)
        self.check(self.cep("run", "r.cep", "--input", "A=a.gz"))

    @staticmethod
    def zstd(data, *options):
        return subprocess.run(["zstd", "-q", "-c", *options], input=data, capture_output=True, check=True).stdout

    def test_zstd_also_with_a_long_window(self):
        if not shutil.which("zstd"):
            self.skipTest("no zstd")
        half = len(self.text) // 2
        self.write("a", self.zstd(self.text[:half]) + self.zstd(self.text[half:], "--long=27"))
        self.check(self.cep("run", "r.cep", "--input", "A=a"))

    def test_what_is_cut_off_or_broken_is_said_with_its_place(self):
        packed = gzip.compress(self.text)
        self.write("cut", packed[:-20])
        done = self.cep("run", "r.cep", "--input", "A=cut", "--workers", "1", code=3)
        self.assertIn(f'"cut" is broken at its byte {len(packed) - 20}: it is cut off here', done.stderr)
        self.assertGreater(len(self.lines(done.stdout)), 900)  # what came before is not lost
        self.assertEqual(done.stdout, self.cep("run", "r.cep", "--input", "A=cut", "--workers", "3", code=3).stdout)
        self.write("bad", packed[:500] + b"\xff" * 40 + packed[540:])
        self.assertRegex(self.cep("run", "r.cep", "--input", "A=bad", code=3).stderr, r'"bad" is broken at its byte [0-9]+: ')
        self.write("tail", packed + b"more")
        self.assertIn('"tail" is broken at its byte', self.cep("run", "r.cep", "--input", "A=tail", code=3).stderr)

    def test_a_bomb_is_one_record_that_is_too_long(self):
        self.write("bomb", gzip.compress(b"x" * 50_000_000))
        done = self.cep("run", "r.cep", "--input", "A=bomb", "--dead-letter", "dead")
        dead, = self.lines(self.read("dead"))
        self.assertEqual(dead["reason"], "length")


class Several(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", EACH)

    def test_files_of_a_pattern_are_one_partition_in_the_order_of_time(self):
        self.write("log.1.gz", gzip.compress((event(20, 2) + event(29, 2)).encode()))
        self.write("log.2", event(10, 1))
        self.write("log.3", "not json\n" + event(0, 0))
        done = self.cep("run", "r.cep", "--input", "A=log.*", "--dead-letter", "dead")
        alerts = self.lines(done.stdout)
        self.assertEqual([a["emit"]["k"] for a in alerts], [0, 1, 2, 2])
        self.assertEqual({a["events"][0]["partition"] for a in alerts}, {0})
        positions = [a["events"][0]["position"] for a in alerts]
        sizes = [len("not json\n") + len(event(0, 0)), len(event(10, 1))]
        self.assertEqual(positions[:3], [len("not json\n"), sizes[0], sizes[0] + sizes[1]])
        self.assertEqual(positions, sorted(positions))
        self.assertIn("0 late, 1 dead-lettered", done.stderr)

    def test_each_file_of_csv_has_its_own_header(self):
        self.write("r.cep", CSV % "")
        self.write("b.csv", "at,user\n1,ann")
        self.write("a.csv", "user,total,at\nbob,7,2\n")
        done = self.cep("run", "r.cep", "--input", "Order=*.csv")
        self.assertEqual([(a["emit"]["user"], a["emit"]["total"]) for a in self.lines(done.stdout)], [("ann", None), ("bob", 7.0)])

    def test_partitions_are_merged_by_time(self):
        self.write("a", "".join(event(i, i) for i in range(0, 2000, 2)))
        self.write("b", "".join(event(i, i) for i in range(1, 2000, 2)))
        done = self.cep("run", "r.cep", "--input", "A=a", "--input", "A=b", "--set", "held.max=200")
        self.assertEqual([a["emit"]["k"] for a in self.lines(done.stdout)], list(range(2000)))

    def test_a_name_with_signs_of_a_pattern_is_a_name(self):
        self.write("a[1]", event(1, 1))
        self.write("a1", event(2, 2))
        done = self.cep("run", "r.cep", "--input", "A=a[1]")
        self.assertEqual([a["emit"]["k"] for a in self.lines(done.stdout)], [1])

    def test_a_pattern_without_files_is_told(self):
        self.assertIn('cannot open "no/*.gz"', self.cep("run", "r.cep", "--input", "A=no/*.gz", code=3).stderr)

    def test_an_output_among_the_files_is_refused(self):
        self.write("log.1", event(1))
        self.assertIn("'log.1' is read", self.cep("run", "r.cep", "--input", "A=log.*", "-o", "log.1", code=2).stderr)
        self.assertEqual(self.read("log.1"), event(1))


class Follow(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", EACH)

    def follow(self, *args):
        run = self.start("run", *args, "--follow", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def append(self, name, text):
        with open(self.folder / name, "a", encoding="utf-8") as file:
            file.write(text)

    def expect(self, run, *ks):
        for k in ks:
            alert, = self.lines(run.stdout.readline())
            self.assertEqual(alert["emit"]["k"], k)

    def stop(self, run):
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=20), 130)
        return run.stderr.read()

    def test_what_is_appended_comes_out_and_a_signal_ends_it(self):
        self.write("in", event(1, 1))
        run = self.follow("r.cep", "--input", "A=in")
        self.expect(run, 1)
        self.append("in", event(2, 2) + event(3, 3)[:10])
        self.expect(run, 2)
        self.append("in", event(3, 3)[10:])
        self.expect(run, 3)
        self.assertIn("3 records", self.stop(run))

    def test_a_file_that_is_emptied_or_replaced_is_read_anew(self):
        self.write("in", event(1, 1) + event(2, 2))
        run = self.follow("r.cep", "--input", "A=in")
        self.expect(run, 1, 2)
        self.write("in", event(3, 3))
        self.expect(run, 3)
        os.rename(self.folder / "in", self.folder / "in.1")
        self.append("in.1", event(4, 4))
        self.write("in", event(5, 5))
        self.expect(run, 4, 5)
        self.assertIn("5 records", self.stop(run))

    def test_a_new_file_of_csv_has_a_header(self):
        self.write("r.cep", CSV % "")
        self.write("orders.csv", "at,user\n1,ann\n7,bob\n")
        run = self.follow("r.cep")
        self.assertEqual(self.lines(run.stdout.readline())[0]["emit"]["user"], "ann")
        self.write("new", "user,at\neve,20\n")
        os.replace(self.folder / "new", self.folder / "orders.csv")
        self.assertEqual([self.lines(run.stdout.readline())[0]["emit"]["user"] for _ in range(1)], ["bob"])
        time.sleep(0.3)
        self.append("orders.csv", "dan,30\n")
        self.assertEqual(self.lines(run.stdout.readline())[0]["emit"]["user"], "eve")
        self.assertIn("0 dead-lettered", self.stop(run))


main()
