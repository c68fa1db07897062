#!/usr/bin/env python3
# test_run.py - `cep run`: inputs, outputs, refused and late records, exit codes.
import json
import os

from command import SOURCE, Case, event, main, pair


class Run(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", pair())

    def test_alerts_are_lines_of_json(self):
        self.write("in", event(1) + event(2) + event(3, k=2) + event(4, kind="b"))
        done = self.cep("run", "r.cep", "--input", "In=in")
        alert, = self.lines(done.stdout)
        self.assertEqual(list(alert), ["detection", "id", "kind", "time", "start", "end", "key", "emit", "meta", "events"])
        self.assertEqual(alert["detection"], "pair")
        self.assertEqual(alert["kind"], "match")
        self.assertRegex(alert["id"], "^[0-9a-f]{32}$")
        self.assertEqual(alert["time"], "1970-01-01T00:00:02Z")
        self.assertEqual(alert["key"], {"k": 1})
        self.assertEqual(alert["emit"], {"n": 2})
        self.assertEqual([e["position"] for e in alert["events"]], [0, len(event(1))])

    def test_standard_input_and_a_file_say_the_same(self):
        text = "".join(event(s, k=s % 3) for s in range(30))
        self.write("in", text)
        from_file = self.cep("run", "r.cep", "--input", "In=in").stdout
        self.assertEqual(from_file, self.cep("run", "r.cep", "--input", "In=-", stdin=text).stdout)
        self.assertGreater(len(from_file.splitlines()), 5)

    def test_output_to_a_file(self):
        self.write("in", event(1) + event(2))
        self.assertEqual(self.cep("run", "r.cep", "--input=In=in", "--output", "out").stdout, "")
        self.assertEqual(len(self.lines(self.read("out"))), 1)

    def test_the_place_in_the_rules_is_used_and_the_command_line_wins(self):
        self.write("r.cep", pair().replace("input In", "input In from file \"here\""))
        self.write("here", event(1) + event(2))
        self.write("there", event(1))
        self.assertEqual(len(self.cep("run", "r.cep").stdout.splitlines()), 1)
        self.assertEqual(self.cep("run", "r.cep", "--input", "In=there").stdout, "")

    def test_an_input_without_a_place_is_a_usage_error_that_says_how(self):
        self.assertIn("--input In=PATH", self.cep("run", "r.cep", code=2).stderr)

    def test_an_unknown_input_is_a_usage_error_that_names_the_known(self):
        self.assertIn("Its inputs: In", self.cep("run", "r.cep", "--input", "Zed=x", code=2).stderr)

    def test_a_file_that_is_not_there_is_3(self):
        done = self.cep("run", "r.cep", "--input", "In=nowhere", code=3)
        self.assertIn("nowhere", done.stderr)
        self.cep("run", "r.cep", "--input", "In=.", code=3)
        self.cep("run", "nowhere.cep", "--input", "In=.", code=3)

    def test_wrong_rules_are_1(self):
        self.write("r.cep", "detect")
        self.cep("run", "r.cep", "--input", "In=-", code=1)

    def test_standard_input_can_be_read_once(self):
        self.assertIn("standard input", self.cep("run", "r.cep", "--input", "In=-", "--input", "In=-", code=2).stderr)

    def test_two_outputs_in_one_place_are_refused(self):
        self.cep("run", "r.cep", "--input", "In=-", "--late", "x", "--dead-letter", "x", code=2)

    def test_an_input_is_not_emptied_by_mistake(self):
        self.write("in", event(1))
        for option in ("--output", "--late", "--dead-letter"):
            self.assertIn("'in' is read", self.cep("run", "r.cep", "--input", "In=in", option, "./in", code=2).stderr)
            self.assertIn("'r.cep' is read", self.cep("run", "r.cep", "--input", "In=in", option, "r.cep", code=2).stderr)
        self.assertEqual(self.read("in"), event(1))

    def test_a_full_disk_is_3(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        self.write("in", event(1) + event(2))
        self.assertIn("/dev/full", self.cep("run", "r.cep", "--input", "In=in", "--output", "/dev/full", code=3).stderr)

    def test_bad_records_go_to_the_dead_letter_file_and_the_run_goes_on(self):
        bad = [b'{"ts": 1500', b"not json \xff\x00 at all", b'{"kind":"a","k":1}', b'{"ts":"x","kind":"a","k":1}',
               b'{"ts":1600,"kind":"a","k":"one"}', b'{"ts":1600,"kind":"a","k":' + b"[" * 100 + b"]" * 100 + b"}", b"[1]"]
        self.write("in", event(1).encode() + b"".join(b + b"\r\n" for b in bad) + event(2).encode())
        done = self.cep("run", "r.cep", "--input", "In=in", "--dead-letter", "dead")
        self.assertEqual(len(done.stdout.splitlines()), 1)
        dead = self.lines(self.read("dead"))
        self.assertEqual([d["reason"] for d in dead], ["json", "json", "time", "time", "type", "json", "json"])
        position = len(event(1))
        for got, raw in zip(dead, bad):
            self.assertEqual(got["input"], "In")
            self.assertEqual(got["partition"], 0)
            self.assertEqual(got["position"], position)
            self.assertEqual(got["length"], len(raw))
            self.assertEqual(got["record"], raw.decode(errors="replace"))
            self.assertTrue(got["detail"])
            position += len(raw) + 2
        self.assertIn("7 records dead-lettered: 4 json, 2 time, 1 type", done.stderr)

    def test_a_record_too_long_is_refused_and_counted(self):
        long = json.dumps({"ts": 1500, "kind": "a", "k": 1, "pad": "x" * 10000})
        self.write("in", event(1) + long + "\n" + event(2))
        done = self.cep("run", "r.cep", "--input", "In=in", "--dead-letter", "dead", "--set", "record.max=1KiB")
        self.assertEqual(len(done.stdout.splitlines()), 1)
        dead, = self.lines(self.read("dead"))
        self.assertEqual((dead["reason"], dead["position"], dead["length"]), ("length", len(event(1)), 1024))
        self.assertEqual(dead["record"], long[:1024])
        self.assertIn("3 records", done.stderr)
        self.assertIn("1 length", done.stderr)

    def test_late_records_go_to_the_late_file_with_what_they_needed(self):
        self.write("in", event(50) + event(9.5) + event(20) + event(51))
        done = self.cep("run", "r.cep", "--input", "In=in", "--late", "late", "--dead-letter", "dead")
        late = self.lines(self.read("late"))
        self.assertEqual([(d["reason"], d["time"], d["lateness"]) for d in late],
                         [("late", "1970-01-01T00:00:09.5Z", 40.5), ("late", "1970-01-01T00:00:20Z", 30)])
        self.assertEqual(late[0]["record"], event(9.5).strip())
        self.assertEqual(self.read("dead"), "")
        self.assertIn("2 late events; lateness 41s would have kept all", done.stderr)
        self.write("r.cep", pair("41s"))
        self.assertNotIn("late event", self.cep("run", "r.cep", "--input", "In=in").stderr)

    def test_empty_lines_are_no_records(self):
        done = self.cep("run", "r.cep", "--input", "In=-", stdin="\n\r\n" + event(1) + "\n" + event(2).strip())
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn("2 records", done.stderr)
        self.assertIn("3 empty lines", done.stderr)

    def test_several_files_are_partitions_merged_by_time(self):
        whole = [event(s / 10, k=s % 7) for s in range(2000)]
        self.write("whole", "".join(whole))
        for part in range(3):
            self.write(f"part{part}", "".join(line for i, line in enumerate(whole) if i % 3 == part))
        one = self.lines(self.cep("run", "r.cep", "--input", "In=whole").stdout)
        three = self.lines(self.cep("run", "r.cep", *[f"--input=In=part{p}" for p in range(3)]).stdout)
        seen = [[(a["time"], a["key"]["k"]) for a in alerts] for alerts in (one, three)]
        self.assertEqual(seen[0], seen[1])
        self.assertGreater(len(one), 500)
        self.assertEqual({e["partition"] for a in three for e in a["events"]}, {0, 1, 2})

    def test_a_file_far_ahead_waits_for_the_other(self):
        # Read one after the other, the first file would fill what may be held.
        self.write("early", "".join(event(s / 100, k=s) for s in range(3000)))
        self.write("late", "".join(event(s / 100, k=s) for s in range(3000)))
        done = self.cep("run", "r.cep", "--input", "In=early", "--input", "In=late", "--set", "held.max=300")
        self.assertEqual(len(done.stdout.splitlines()), 3000)
        self.assertNotIn("late event", done.stderr)

    def test_an_empty_input_is_told(self):
        done = self.cep("run", "r.cep", "--input", "In=/dev/null")
        self.assertEqual(done.stdout, "")
        self.assertIn("input In had no record", done.stderr)

    def test_quiet_is_quiet(self):
        self.assertEqual(self.cep("run", "r.cep", "--input", "In=/dev/null", "-q").stderr, "")


class Sample(Case):
    """The first command of the README."""

    def test_the_sample_gives_the_alerts_that_its_story_tells(self):
        done = self.cep("run", str(SOURCE / "examples/sshd.cep"), "--input", f"Sshd={SOURCE}/examples/sshd.log")
        got = [(a["detection"], a["time"], a["emit"]) for a in self.lines(done.stdout)]
        self.assertEqual(got, [
            ("brute_force", "2026-03-14T08:12:35Z", {"attempts": 5, "user": "root"}),
            ("guessed_password", "2026-03-14T08:32:47Z", {"user": "deploy", "attempts": 4}),
            ("long_session", "2026-03-14T08:42:47Z", {"user": "deploy"}),
            ("user_guessing", "2026-03-14T08:47:44Z", {"names": 5, "first": "admin", "last": "ubuntu"}),
        ])
        self.assertIn("1 suppressed", done.stderr)


main()
