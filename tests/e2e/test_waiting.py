# test_waiting.py - `cep run` says what it waits for, and on a terminal how far it is.
import os
import pty
import re
import signal
import subprocess
import time

from command import Case, main

RULES = """stream A { time ts s lateness 5s  k: int }
stream B { time ts s  k: int }
detect pair by k within 1m { match B as b then A as a emit { k: b.k } }
"""


def event(seconds, k=1):
    return f'{{"ts":{seconds},"k":{k}}}\n'


class Waiting(Case):
    def begin(self, *args, **more):
        """Input A is our end of a pipe; B stands at its end, twenty minutes further."""
        self.write("r.cep", RULES)
        self.write("b", "".join(event(t, t) for t in range(1, 1201)))
        run = self.start("run", "r.cep", "--input", "A=-", "--input", "B=b", *args, stdin=subprocess.PIPE, text=True,
                         **{"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **more})
        for pipe in (run.stdin, run.stdout, run.stderr):
            if pipe:
                self.addCleanup(pipe.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def assert_says(self, text, pattern):
        """SPAN is any length of time: the machine may be slow."""
        self.assertRegex(text, pattern.replace("SPAN", r"[0-9.dhms]+"))

    def say(self, run, text):
        run.stdin.write(text)
        run.stdin.flush()

    def stop(self, run):
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=30), 130)

    def test_which_input_since_when_and_what_waits(self):
        for workers in ("1", "2"):
            run = self.begin("--why-waiting", "--workers", workers, "--quiet", "--set", "idle.after=1h")
            self.say(run, event(9))
            line = run.stderr.readline()
            self.assert_says(line, r"^cep run: time has stood at 1970-01-01T00:00:04Z for SPAN: input A has given nothing for SPAN "
                                   r"\(it stands at 1970-01-01T00:00:09Z, less its lateness of 5\.0s\); after 1h00m it is idle and holds nothing back\n$")
            # Five minutes ahead is read, and what comes in pieces with it.
            waiting = int(re.match(r"  (\d+) events wait; \d partial matches? open\n$", run.stderr.readline()).group(1))
            self.assertGreaterEqual(waiting, 300)
            self.assertLessEqual(waiting, 300 + 2 * 64)
            self.assertRegex(run.stderr.readline(), r"^  input B stands at 1970-01-01T00:05:\d\dZ, 5m\d\ds ahead; not read on, as drift\.max is reached\n$")
            self.stop(run)
            rest = run.stderr.read()
            self.assert_says(rest, r"input A was waited for: SPAN in all\n")
            self.assertIn(f"{waiting} events still waited for input A, which stands at 1970-01-01T00:00:09Z\n", rest)

    def test_partitions_have_numbers_and_what_has_not_begun_says_so(self):
        self.write("more", event(8))
        run = self.begin("--why-waiting", "--input", "B=more", "--set", "idle.after=0")
        self.assert_says(run.stderr.readline(), r"^cep run: time has stood at its beginning for SPAN: input A has given nothing for SPAN, "
                                                r"and no record with a time so far; it is waited for as long as it takes \(.*idle\.after\)\n$")
        self.assertRegex(run.stderr.readline(), "events wait")
        self.assertRegex(run.stderr.readline(), r"^  input B \(partition 0\) stands at ")
        run.stdin.close()
        self.assertEqual(run.wait(timeout=30), 0)
        rest = run.stderr.read()
        self.assertNotIn("still waited", rest)
        self.assertIn("1,201 records", rest)

    def test_stopped_while_events_wait_the_summary_says_for_whom(self):
        run = self.begin("--set", "idle.after=1h", stdout=subprocess.PIPE)
        self.say(run, event(2, 1) + event(9))
        self.assertIn('"pair"', run.stdout.readline())  # so all that is said has been read
        self.stop(run)
        told = run.stderr.read()
        self.assertRegex(told, r"\d+ events still waited for input A, which stands at 1970-01-01T00:00:09Z\n")
        self.assertNotIn("time has stood", told)

    def read_terminal(self, *args, is_expected=False, **more):
        """What a terminal on stderr shows of a run that waits for a while, or until it says so."""
        main_end, other_end = pty.openpty()
        run = self.begin(*args, stderr=other_end, **more)
        os.close(other_end)
        self.say(run, event(9))
        told = b""
        if not is_expected:
            time.sleep(1)
            run.stdin.close()
        try:
            while piece := os.read(main_end, 4096):
                told += piece
                if b"waits for" in told and not run.stdin.closed:
                    run.stdin.close()
        except OSError:  # the other end is closed
            pass
        os.close(main_end)
        self.assertEqual(run.wait(timeout=30), 0)
        return told.decode()

    def test_a_line_of_progress_on_a_terminal(self):
        told = self.read_terminal("--set", "idle.after=1h", is_expected=True)
        self.assert_says(told, r"\r\x1b\[K\d+ records  \d+/s  at 1970-01-01T00:00:04Z  waits for input A, SPAN")
        self.assertRegex(told, r"\r\x1b\[K1,201 records \(")  # the line is gone when the summary comes
        self.assertNotIn("\x1b", self.read_terminal("--quiet"))

    def test_alerts_take_the_place_of_the_line(self):
        screen, other_end = pty.openpty()
        run = self.begin("--set", "idle.after=1h", stdout=other_end, stderr=other_end)
        os.close(other_end)
        self.say(run, event(9))
        told = b""
        try:
            while piece := os.read(screen, 4096):
                told += piece
                if b"waits for" in told and not run.stdin.closed:
                    run.stdin.close()
        except OSError:
            pass
        os.close(screen)
        self.assertRegex(told.decode(), r"waits for input A, \S+\r\x1b\[K[^\r]*pair[^\r]*\r\n[^\r]*records \(")


main()
