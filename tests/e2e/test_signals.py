#!/usr/bin/env python3
# test_signals.py - `cep run` in a pipeline: a reader that leaves, Ctrl-C, a writer that is slow.
import select
import signal
import subprocess
import time

from command import CEP, Case, event, main, pair


class Signals(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", pair())

    def wait_for_line(self, process):
        ready, _, _ = select.select([process.stdout], [], [], 30)
        self.assertTrue(ready, "no alert came")
        return process.stdout.readline()

    def test_a_reader_that_leaves_ends_the_run_quietly(self):
        self.write("in", "".join(event(s, k=s % 3) for s in range(60000)))
        first = subprocess.Popen([CEP, "run", "r.cep", "--input", "In=in", "--dead-letter", "dead"], cwd=self.folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        second = subprocess.run(["head", "-1"], stdin=first.stdout, capture_output=True)
        first.stdout.close()
        _, told = first.communicate(timeout=30)
        self.assertEqual(len(second.stdout.splitlines()), 1)
        self.assertIn(first.returncode, (0, -signal.SIGPIPE))
        self.assertEqual(told, b"")

    def test_alerts_come_while_a_pipe_stays_open(self):
        process = self.start("run", "r.cep", "--input", "In=-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write((event(1) + event(2) + event(3)).encode())
        process.stdin.flush()
        self.assertIn(b'"pair"', self.wait_for_line(process))
        _, told = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"3 records", told)

    def test_an_interrupt_writes_what_is_decided_and_does_not_end_the_inputs(self):
        self.write("r.cep", pair() + "detect gone by k within 5s { match A as a then no A }\n")
        process = self.start("run", "r.cep", "--input", "In=-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write((event(1) + event(2) + event(3)).encode())
        process.stdin.flush()
        first = self.wait_for_line(process)
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b'"pair"', first)
        # The absence is not decided: more could have come.
        self.assertNotIn(b'"gone"', rest)
        self.assertIn(b"3 records", told)
        self.assertNotIn(b"never", told)

    def test_an_interrupt_while_a_file_is_read(self):
        self.write("in", "".join(event(s, k=s) for s in range(300000)))
        process = self.start("run", "r.cep", "--input", "In=in", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertIn(process.returncode, (130, 0, -signal.SIGINT))  # 0: it was quicker; SIGINT: it had not begun


main()
