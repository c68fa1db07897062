#!/usr/bin/env python3
# test_engine.py - an engine from Python: rows, records, time, callbacks, checkpoints, misuse.
import gc
import json
import threading
import unittest
import weakref

import cep

PAIR = """input In format json { time ts s lateness 2s  k: int }
stream A from In { v: string? }
detect pair by k within 10s { match 2 A as a  emit { n: count(a) } }
"""
DOOR = PAIR + "input Door from stdin format line { time \"%Y-%m-%d %H:%M:%S\" }\n" \
    'stream Open from Door r"open (?<who>\\S+)" { who: string }\n' \
    "detect opened by who within 10s { match Open as o }\n"
LONELY = PAIR + "detect lonely by k within 5s { match A as a then no A  emit { v: a.v } }\n"


def rows(*seconds, k=1):
    return [{"ts": second * 10**9, "k": k, "v": None} for second in seconds]


class Base(unittest.TestCase):
    def setUp(self):
        self.rules = cep.compile(PAIR)


class Rows(Base):
    def test_alerts_come_as_time_goes_on(self):
        engine = self.rules.engine()
        self.assertEqual(engine.push_many("A", rows(0, 1)), 2)
        self.assertEqual(list(engine), [])
        engine.advance("1970-01-01T00:00:05Z")
        (alert,) = engine
        self.assertEqual((alert.detection, alert.kind, alert.key, alert.emit), ("pair", "match", {"k": 1}, {"n": 2}))
        self.assertEqual([event.time_ns for event in alert.events], [0, 10**9])
        self.assertEqual(json.loads(alert.json)["id"], alert.id)
        self.assertEqual(list(engine), [])
        self.assertEqual(str(engine.watermark), "1970-01-01 00:00:05+00:00")
        self.assertEqual(engine.finish(), [])
        self.assertIsNone(engine.watermark)

    def test_rows_and_records_give_the_same(self):
        by_row, by_record = self.rules.engine(), self.rules.engine()
        for row in rows(0, 1, 5, 3):
            by_row.push("A", row)
            by_record.record("In", json.dumps({"ts": row["ts"] // 10**9, "k": row["k"]}) + "\n")
        one, other = by_row.finish(), by_record.finish()
        self.assertEqual([alert.id for alert in one], [alert.id for alert in other])
        self.assertEqual(len(one), 2)

    def test_rows_of_a_batch(self):
        with self.rules.engine(batch_events=16) as engine:
            engine.push_many("A", rows(0, 1, 20))
            engine.flush()
            self.assertEqual(len(list(engine)), 1)

    def test_the_time_in_a_member_apart(self):
        rules = cep.compile(DOOR)
        engine = rules.engine()
        self.assertEqual(engine.push_many("Open", [{"at": 1, "who": "ann"}, {"at": 2, "who": "bob"}], time="at"), 2)
        self.assertEqual([event.position for alert in engine.finish() for event in alert.events], [0, 1])
        with self.assertRaisesRegex(cep.FieldError, "no field for the time"):
            rules.engine().push("Open", {"who": "ann"})

    def test_late_rows(self):
        told = []
        engine = self.rules.engine(on_late=told.append)
        self.assertEqual(engine.push_many("A", rows(10, 5, 9)), 2)
        self.assertFalse(engine.push("A", rows(1)[0]))
        self.assertEqual([(each.reason, each.time_ns, each.lateness_needed_ns) for each in told],
                         [("late", 5 * 10**9, 5 * 10**9), ("late", 10**9, 9 * 10**9)])
        self.assertEqual(engine.stats()["records_late"], 2)
        self.assertEqual(engine.stats("In")["records_late"], 2)

    def test_rows_that_cannot_be_used(self):
        engine = self.rules.engine()
        with self.assertRaises(cep.RefusedError) as caught:
            engine.push("A", {"ts": 0})
        self.assertEqual((caught.exception.refused.reason, caught.exception.refused.record), ("null", None))
        with self.assertRaises(cep.RefusedError):
            engine.push_many("A", rows(0) + [{"ts": 0}] + rows(1))
        self.assertEqual(engine.stats()["records_read"], 3)
        told = []
        engine = self.rules.engine(on_dead_letter=told.append)
        self.assertFalse(engine.push("A", {"ts": 0}))
        self.assertEqual(engine.push_many("A", rows(0) + [{"ts": 0}] + rows(1)), 2)
        self.assertEqual([each.reason for each in told], ["null", "null"])

    def test_records_that_cannot_be_read(self):
        engine = self.rules.engine()
        self.assertEqual(engine.records("In", [b'{"ts":1,"k":1}\r\n', "{", bytearray(b'{"ts":2,"k":1}')]), 2)
        self.assertFalse(engine.record("In", "nonsense"))
        self.assertEqual(engine.stats()["records_dead"], 2)
        told = []
        engine = self.rules.engine(on_dead_letter=told.append)
        engine.record("In", "nonsense")
        self.assertEqual((told[0].record, told[0].reason), (b"nonsense", "json"))

    def test_partitions_and_idleness(self):
        engine = self.rules.engine(partitions={"In": range(2)})
        engine.push_many("A", rows(0, 1, 30), partition=1)
        self.assertEqual(list(engine), [])
        engine.idle("In", partition=0)
        self.assertEqual([alert.by_clock for alert in engine], [True])
        with self.assertRaises(cep.UnknownNameError):
            engine.push("A", rows(40)[0], partition=2)

    def test_absence_is_decided_by_time(self):
        engine = cep.compile(LONELY).engine()
        engine.push("A", {"ts": 0, "k": 1, "v": "x"})
        engine.advance(4 * 10**9, "In")
        self.assertEqual(list(engine), [])
        engine.advance(6 * 10**9)
        self.assertEqual([alert.emit for alert in engine], [{"v": "x"}])

    def test_tables(self):
        rules = cep.compile('table T from file "t.csv" format csv (columns "k,name") key k { k: int  name: string }\n' + PAIR.replace(
            "as a ", "as a where T[k].name == \"x\" "))
        engine = rules.engine()
        engine.table("T", "1,x\n2,y\n")
        self.assertEqual(engine.stats("T")["table_rows"], 2)
        engine.push_many("A", rows(0, 1) + rows(0, 1, k=2))
        self.assertEqual([alert.key for alert in engine.finish()], [{"k": 1}])
        with self.assertRaises(cep.UnknownNameError):
            engine.table("U", "")


class Frame:
    """As much of a pandas.DataFrame as push_frame uses."""

    class Column(list):
        def tolist(self):
            return list(self)

        def isna(self):
            return Frame.Flags([value != value for value in self])

    class Flags(list):
        def any(self):
            return any(self)

    def __init__(self, **columns):
        self.columns, self.data = list(columns), {name: Frame.Column(values) for name, values in columns.items()}

    def __getitem__(self, name):
        return self.data[name]


class Frames(Base):
    def test_columns_are_fields(self):
        engine = self.rules.engine()
        frame = Frame(ts=[0, 10**9], k=[1, 1], v=["a", float("nan")], more=[1, 2])
        self.assertEqual(engine.push_frame("A", frame), 2)
        self.assertEqual(len(engine.finish()), 1)
        with self.assertRaisesRegex(cep.FieldError, "no column"):
            self.rules.engine().push_frame("A", Frame(x=[1]))

    def test_a_real_frame(self):
        try:
            import pandas
        except ImportError:
            self.skipTest("no pandas")
        frame = pandas.DataFrame({"ts": pandas.to_datetime([0, 1, 2], unit="s"), "k": [1, 1, 2], "v": ["a", None, "b"]})
        engine = self.rules.engine()
        self.assertEqual(engine.push_frame("A", frame), 3)
        self.assertEqual([alert.key["k"] for alert in engine.finish()], [1])


class Callbacks(Base):
    def test_on_match(self):
        found = []
        engine = self.rules.engine(on_match=found.append)
        engine.push_many("A", rows(0, 1))
        self.assertEqual(engine.finish(), [])
        self.assertEqual(len(found), 1)

    def test_what_a_callback_raises_comes_out_of_the_call(self):
        found = []

        def on_match(alert):
            found.append(alert)
            if len(found) == 1:
                raise KeyError("mine")
        engine = self.rules.engine(on_match=on_match)
        engine.push_many("A", rows(0, 1) + rows(0, 1, k=2))
        with self.assertRaisesRegex(KeyError, "mine"):
            engine.advance(60 * 10**9)
        self.assertEqual(len(found), 1)
        engine.finish()
        self.assertEqual(len(found), 2)
        for name in ("on_late", "on_dead_letter"):
            def angry(refused):
                raise ZeroDivisionError(refused.reason)
            engine = self.rules.engine(**{name: angry})
            engine.push("A", rows(10)[0])
            with self.assertRaises(ZeroDivisionError):
                engine.push_many("A", rows(1) if name == "on_late" else [{"ts": 10**10}])

    def test_a_callback_may_look_but_not_change(self):
        told = []

        def on_match(alert):
            told.append(engine.stats()["matches"])
            engine.push("A", rows(9)[0])
        engine = self.rules.engine(on_match=on_match)
        engine.push_many("A", rows(0, 1))
        with self.assertRaises(cep.BusyError):
            engine.finish()
        self.assertEqual(told, [1])

    def test_rows_that_touch_their_engine(self):
        engine = self.rules.engine()

        def greedy():
            yield rows(0)[0]
            engine.close()
        with self.assertRaises(cep.BusyError):
            engine.push_many("A", greedy())
        self.assertEqual(engine.stats()["records_read"], 1)


class Checkpoints(Base):
    def test_an_engine_goes_on(self):
        whole = self.rules.engine()
        whole.push_many("A", rows(0, 1, 2, 3, 30))
        wanted = [alert.id for alert in whole.finish()]
        engine = self.rules.engine()
        engine.push_many("A", rows(0, 1, 2))
        state = engine.checkpoint(b"three")
        found = [alert.id for alert in engine]
        engine.close()
        again = self.rules.restore(state)
        self.assertEqual(again.position, b"three")
        again.push_many("A", rows(3, 30))
        self.assertEqual(found + [alert.id for alert in again.finish()], wanted)
        self.assertIsNone(self.rules.engine().position)

    def test_what_is_no_state(self):
        state = self.rules.engine().checkpoint()
        for wrong, status in ((state[:-1], "CEP_E_CORRUPT"), (b"", "CEP_E_CORRUPT")):
            with self.assertRaises(cep.Error) as caught:
                self.rules.restore(wrong)
            self.assertEqual(caught.exception.status, status)
        with self.assertRaises(cep.Error) as caught:
            cep.compile(LONELY).restore(state)
        self.assertEqual(caught.exception.status, "CEP_E_MISMATCH")


class Misuse(Base):
    def test_after_the_end(self):
        engine = self.rules.engine()
        engine.push_many("A", rows(0, 1))
        engine.finish()
        with self.assertRaises(cep.Error):
            engine.push("A", rows(2)[0])
        engine.close()
        engine.close()
        for use in (lambda: engine.push("A", rows(2)[0]), lambda: engine.finish(), lambda: engine.stats(), lambda: engine.checkpoint(),
                    lambda: engine.watermark, lambda: engine.position, lambda: engine.records("In", []), lambda: engine.idle("In"),
                    lambda: engine.advance(0), lambda: engine.flush(), lambda: engine.end("In"), lambda: engine.push_many("A", [])):
            with self.assertRaises(cep.ClosedError):
                use()
        self.assertIn("closed", repr(engine))

    def test_unknown_names(self):
        engine = self.rules.engine()
        for use in (lambda: engine.push("B", {}), lambda: engine.push("pair", {}), lambda: engine.record("Out", ""),
                    lambda: engine.advance(0, "Out"), lambda: engine.stats("B"), lambda: self.rules.engine(partitions={"Out": [0]})):
            with self.assertRaises(cep.UnknownNameError):
                use()

    def test_time_does_not_go_back(self):
        engine = self.rules.engine()
        engine.advance(10)
        with self.assertRaises(cep.Error) as caught:
            engine.advance(5)
        self.assertEqual(caught.exception.status, "CEP_E_INVALID")

    def test_memory_that_is_used_up(self):
        engine = self.rules.engine(memory_max="1MiB")
        with self.assertRaises(cep.OutOfMemoryError):
            engine.push_many("A", ({"ts": 0, "k": k, "v": "x" * 100} for k in range(100_000)))
        with self.assertRaises(cep.OutOfMemoryError):
            engine.push("A", rows(1)[0])

    def test_an_engine_has_one_thread_at_a_time(self):
        inside, go, refused = threading.Event(), threading.Event(), []

        def on_match(alert):
            inside.set()
            go.wait(10)
        engine = self.rules.engine(on_match=on_match)
        engine.push_many("A", rows(0, 1))
        owner = threading.Thread(target=engine.finish)
        owner.start()
        inside.wait(10)
        for use in (lambda: engine.push("A", rows(2)[0]), engine.stats, engine.close):
            try:
                use()
            except cep.BusyError as error:
                refused.append(error)
        go.set()
        owner.join()
        self.assertEqual(len(refused), 3)
        engine.stats()

    def test_nothing_is_left_behind(self):
        engine = self.rules.engine()
        engine.push_many("A", rows(0))
        gone = weakref.ref(engine)
        gc.disable()
        try:
            del engine
            self.assertIsNone(gone())
        finally:
            gc.enable()

    def test_rules_may_go_before_their_engine(self):
        engine = cep.compile(PAIR).engine()
        engine.push_many("A", rows(0, 1))
        self.assertEqual(len(engine.finish()), 1)


if __name__ == "__main__":
    unittest.main()
