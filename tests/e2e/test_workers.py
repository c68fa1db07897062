#!/usr/bin/env python3
# test_workers.py - `cep run --workers N` writes the same bytes for any N, and counts the same.
import random

from command import SOURCE, Case, event, main, pair

# Keys of their own at each level, alerts that silence others, windows, absences, what joins all keys.
RULES = """input In format json { time ts ms lateness 2s  user: string  host: string  kind: string }
stream All from In { }
stream A from In where kind == "a" { n: int? }
stream B from In where kind == "b" { n: int }
detect pair by user within 30s {
  match A as a then B as b where n > 2
  emit { n: b.n, host: b.host }
  suppress 20s by host
}
detect gone by host within 20s { match A as a then no B for 5s emit { user: a.user } }
aggregate load from All by host window tumbling 10s { c: count()  having c > 1 emit { c: c } }
detect busy within 60s { match load as l where c > 2 then pair as p emit { c: l.c, n: p.n } }
"""


def records(count, seed):
    rng = random.Random(seed)
    now, out = 0.0, []
    for i in range(count):
        now += rng.expovariate(4)
        kind, late = rng.choice("aab"), rng.choice([0, 0, 0, 1, 4])
        number = rng.choice(["1", "2", "3", "4", '"x"', "null"])
        out.append(f'{{"ts":{int((now - late) * 1000)},"user":"u{rng.randrange(40)}","host":"h{rng.randrange(9)}","kind":"{kind}","n":{number}}}\n')
        if i % 97 == 0:
            out.append("no record\n")
    return "".join(out)


class Workers(Case):
    def test_rules_with_every_kind_of_exchange(self):
        self.write("r.cep", RULES)
        self.write("in", records(6000, 1))
        alerts, late, dead, _ = self.same_for_workers("r.cep", "--input", "In=in")
        for name in ("pair", "gone", "load", "busy"):
            self.assertGreater(alerts.count(f'"detection":"{name}"'), 10, name)
        self.assertGreater(len(late.splitlines()), 10)
        self.assertGreater(len(dead.splitlines()), 10)

    def test_two_partitions_and_a_pipe(self):
        self.write("r.cep", RULES)
        self.write("one", records(2000, 2))
        self.write("two", records(3000, 3))
        self.same_for_workers("r.cep", "--input", "In=one", "--input", "In=two")
        alerts = self.same_for_workers("r.cep", "--input", "In=-", stdin=records(2000, 4))[0]
        self.assertGreater(len(alerts.splitlines()), 100)

    def test_the_bundled_sample(self):
        alerts = self.same_for_workers(str(SOURCE / "examples/sshd.cep"), "--input", f"Sshd={SOURCE / 'examples/sshd.log'}")[0]
        self.assertGreater(len(alerts.splitlines()), 3)

    def test_a_number_that_is_none_is_a_usage_error(self):
        self.write("r.cep", pair())
        for wrong in ["65", "two", "-1", "2x"]:
            self.assertIn("--workers", self.cep("run", "r.cep", "--input", "In=-", f"--workers={wrong}", code=2).stderr)

    def test_each_alert_is_out_before_the_next_record_comes(self):
        self.write("r.cep", pair())
        run = self.start("run", "r.cep", "--input", "In=-", "--workers", "3", "--quiet", stdin=-1, stdout=-1)
        for i in range(3):
            run.stdin.write((event(i * 100) + event(i * 100 + 1)).encode())
            run.stdin.flush()
            self.assertIn(b'"detection":"pair"', run.stdout.readline())
        run.stdin.close()
        run.stdout.close()
        self.assertEqual(run.wait(10), 0)


main()
