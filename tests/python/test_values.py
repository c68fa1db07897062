#!/usr/bin/env python3
# test_values.py - values from Python into rows and back: each kind, what does not fit, sizes.
import datetime
import ipaddress
import unittest

import cep

KINDS = ("bool", "int", "float", "string", "time", "duration", "ip")
RULES = "input In format json { time ts }\nstream A from In { " + "  ".join(f"{kind[0]}: {kind}?" for kind in KINDS if kind != "ip") + \
    "  a: ip? }\ndetect all within 1m { match A as one  emit { " + \
    ", ".join(f"{name}: one.{name}" for name in "bifstda") + " } }\n"
UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2026, 3, 14, 8, 12, 35, 123456, tzinfo=UTC)


def back(**row):
    """What an alert says of the row."""
    with cep.compile(RULES).engine() as engine:
        engine.push("A", row, time=row.pop("when", 0))
        return engine.finish()[0].emit


class Values(unittest.TestCase):
    def test_each_kind_comes_back(self):
        cases = [("b", True, True), ("b", False, False), ("i", -(1 << 63), -(1 << 63)), ("i", (1 << 63) - 1, (1 << 63) - 1),
                 ("f", 2.5, 2.5), ("f", 3, 3.0), ("s", "", ""), ("s", "grün\0x", "grün\0x"), ("s", b"raw", "raw"),
                 ("t", MOMENT, MOMENT), ("t", 1_000_000_000, datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
                 ("t", "2026-03-14T09:12:35.123456+01:00", MOMENT), ("t", "2026-03-14 08:12:35.123456", MOMENT),
                 ("t", datetime.datetime(2026, 3, 14, 8, 12, 35, 123456), MOMENT), ("t", "1969-12-31T23:59:59.5Z",
                                                                                    datetime.datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)),
                 ("d", datetime.timedelta(days=-1, microseconds=7), datetime.timedelta(days=-1, microseconds=7)),
                 ("d", 5_000_000_000, datetime.timedelta(seconds=5)),
                 ("a", "203.0.113.9", ipaddress.ip_address("203.0.113.9")), ("a", "2001:db8::77", ipaddress.ip_address("2001:db8::77")),
                 ("a", ipaddress.ip_address("10.0.0.7"), ipaddress.ip_address("10.0.0.7")),
                 ("a", ipaddress.ip_address("::1").packed, ipaddress.ip_address("::1"))]
        cases += [(name, None, None) for name in "bifstda"]
        for name, given, wanted in cases:
            with self.subTest(field=name, given=given):
                got = back(**{name: given})
                self.assertEqual((got[name], type(got[name])), (wanted, type(wanted)))
                self.assertEqual([other for other in "bifstda" if other != name and got[other] is not None], [])

    def test_what_does_not_fit_names_its_field(self):
        cases = [("b", 1), ("b", "yes"), ("i", 1.0), ("i", True), ("i", "1"), ("i", 1 << 63), ("f", "1.5"), ("f", True), ("f", object()),
                 ("s", 5), ("s", "\ud800"), ("t", "yesterday"), ("t", "2026-13-01T00:00:00Z"), ("t", 1.5), ("t", True), ("t", 1 << 63),
                 ("t", datetime.datetime(1, 1, 1)), ("d", 1.5), ("d", "5m"), ("a", "1.2.3"), ("a", 17), ("a", b"123"), ("a", "::g")]
        engine = cep.compile(RULES).engine()
        for name, given in cases:
            with self.subTest(field=name, given=given):
                with self.assertRaises(cep.FieldError) as caught:
                    engine.push("A", {name: given}, time=0)
                self.assertEqual((caught.exception.stream, caught.exception.field), ("A", name))
                self.assertIsInstance(caught.exception, TypeError)
        self.assertEqual(engine.stats()["records_read"], 0)

    def test_names_that_are_no_fields(self):
        rules = cep.compile(RULES)
        with self.assertRaisesRegex(cep.FieldError, "A.x: there is no such field; the stream has"):
            rules.engine().push("A", {"x": 1}, time=0)
        with self.assertRaises(cep.FieldError):
            rules.engine().push("A", {"s": None, "i": 1, "x": None}, time=0)
        self.assertTrue(rules.engine(ignore_unknown=True).push("A", {"x": 1}, time=0))

    def test_texts_longer_than_the_room_for_them(self):
        for size in (4095, 4096, 4097, 100_000):
            self.assertEqual(back(s="ä" * size, a="10.0.0.7")["a"], ipaddress.ip_address("10.0.0.7"))
            self.assertEqual(back(s="ä" * size)["s"], "ä" * size)

    def test_the_time_of_an_event(self):
        engine = cep.compile(RULES).engine()
        with self.assertRaisesRegex(cep.FieldError, "give time="):
            engine.push("A", {})
        engine.push("A", {"ts": "2026-03-14T08:12:35.000000001Z"})
        self.assertEqual(engine.finish()[0].time_ns, 1773475955000000001)


if __name__ == "__main__":
    unittest.main()
