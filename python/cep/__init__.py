# __init__.py - patterns in streams of events: compile rules, push rows or records, iterate over alerts.
"""Patterns in streams of events, over libcep.

    import cep
    rules = cep.compile(pathlib.Path("login.cep"))
    with rules.engine() as engine:
        engine.push("Login", {"user": "ann", "ok": False}, time="2026-03-14T08:12:01Z")
        for alert in engine.finish():
            print(alert.detection, alert.time, alert.emit)
"""
from ._engine import Alert, Captured, Engine
from ._errors import (BusyError, ClosedError, CompileError, Diagnostic, Error, FieldError, LimitError, OutOfMemoryError, Refused,
                      RefusedError, UnknownNameError)
from ._native import held as _held
from ._rules import Rules, Stream, TestOutcome, compile, load
from ._values import Field

#: of the library that was loaded
__version__: str = _held.cep_version_string().decode()

__all__ = ["Alert", "BusyError", "Captured", "ClosedError", "CompileError", "Diagnostic", "Engine", "Error", "Field", "FieldError",
           "LimitError", "OutOfMemoryError", "Refused", "RefusedError", "Rules", "Stream", "TestOutcome", "UnknownNameError", "compile",
           "load"]
