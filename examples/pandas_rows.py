#!/usr/bin/env python3
# pandas_rows.py - the rows of a DataFrame as events, and the alerts as another DataFrame; without pandas, dicts.
#
#   python3 examples/pandas_rows.py
import cep

RULES = """
stream Login from stdin format json { time at  user: string  ip: ip?  ok: bool }

detect guessed by user within 10m {
    match 5+ Login as fail where not ok
    then  Login as hit where ok
    emit  { failures: count(fail), ip: hit.ip }
}
"""
ROWS = [{"at": f"2026-03-14T08:{minute:02d}:00Z", "user": user, "ip": ip, "ok": ok} for minute, user, ip, ok in [
    (0, "ann", "203.0.113.9", False), (1, "ann", "203.0.113.9", False), (1, "bob", None, True), (2, "ann", "203.0.113.9", False),
    (3, "ann", "203.0.113.9", False), (4, "ann", "203.0.113.9", False), (5, "ann", "203.0.113.9", True)]]

rules = cep.compile(RULES)
with rules.engine() as engine:
    try:
        import pandas
        frame = pandas.DataFrame(ROWS)
        frame["at"] = pandas.to_datetime(frame["at"])
        engine.push_frame("Login", frame)
    except ImportError:
        pandas = None
        engine.push_many("Login", ROWS)
    alerts = engine.finish()

for alert in alerts:
    print(f"{alert.time:%H:%M} {alert.key['user']}: {alert.emit['failures']} failures, then in, from {alert.emit['ip']}")
if pandas:
    print(pandas.DataFrame([{"detection": alert.detection, "time": alert.time, **alert.key, **alert.emit} for alert in alerts]))
