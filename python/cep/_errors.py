# _errors.py - what goes wrong, as exceptions.
from __future__ import annotations

import typing

from ._native import E_BUSY, E_LIMIT, E_NOMEM, E_NOT_FOUND, SEVERITIES, Fault, held


class Error(Exception):
    """Something that libcep refused. `status` is the name of its status, "" where the library was not asked."""
    status = ""

    def __init__(self, text: str, status: str = ""):
        super().__init__(text)
        if status:
            self.status = status


class UnknownNameError(Error, LookupError):
    """No such input, stream, field, table, detection, setting."""
    status = "CEP_E_NOT_FOUND"


class BusyError(Error):
    """The engine is in another call: of a callback of its own, or of another thread."""
    status = "CEP_E_BUSY"


class LimitError(Error):
    """A limit was reached. An event that was pushed was not taken: advance, and push it again."""
    status = "CEP_E_LIMIT"


class OutOfMemoryError(Error, MemoryError):
    """memory.max is reached, or the machine has no more. The engine takes nothing any more."""
    status = "CEP_E_NOMEM"


class ClosedError(Error, ValueError):
    """The engine was closed."""


class FieldError(Error, TypeError, ValueError):
    """A value does not fit the field of a stream; `stream` and `field` say which."""

    def __init__(self, stream: str, field: str, text: str):
        super().__init__(f"{stream}.{field}: {text}" if field else f"{stream}: {text}")
        self.stream, self.field = stream, field


class Diagnostic(typing.NamedTuple):
    """One remark of the compiler. Line and column begin with 1, the column counts bytes; 0: it has no place."""
    name: str
    line: int
    column: int
    length: int
    severity: str
    code: int
    text: str
    source: str = ""  # the line

    def __str__(self) -> str:
        place = f"{self.name}:{self.line}:{self.column}: " if self.line else f"{self.name}: "
        head = f"{place}{self.severity}: {self.text}"
        if not self.source:
            return head
        before = self.source.encode()[:self.column - 1].decode(errors="replace")
        blank = "".join("\t" if sign == "\t" else " " for sign in before)
        marked = self.source.encode()[self.column - 1:self.column - 1 + self.length].decode(errors="replace")
        return f"{head}\n  {self.source}\n  {blank}^{'~' * (len(marked) - 1)}"


class CompileError(Error):
    """The rules do not compile; `diagnostics` has every remark, in the order of the text."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], status: str, hint: str = ""):
        super().__init__("\n".join([str(each) for each in diagnostics] + ([hint] if hint else [])), status)
        self.diagnostics = diagnostics


class Refused(typing.NamedTuple):
    """A record that was late or could not be read. `record` is None for a row."""
    input: str
    partition: int
    position: int
    reason: str
    detail: str
    record: bytes | None
    time_ns: int | None
    lateness_needed_ns: int | None
    is_table: bool


class RefusedError(Error, ValueError):
    """A row cannot be used, and no `on_dead_letter` was there to hear of it; `refused` says why."""

    def __init__(self, refused: Refused):
        super().__init__(f"input {refused.input}, row {refused.position}: {refused.detail} ({refused.reason})")
        self.refused = refused


_BY_STATUS = {E_NOMEM: OutOfMemoryError, E_LIMIT: LimitError, E_NOT_FOUND: UnknownNameError, E_BUSY: BusyError}


def check(status: int, fault: Fault | None = None) -> int:
    """Raises if the status is a failure; else gives it back."""
    if status >= 0:
        return status
    name = held.cep_status_name(status).decode()
    text = fault.text.decode(errors="replace") if fault is not None and fault.text else held.cep_status_text(status).decode()
    raise _BY_STATUS.get(status, Error)(text, name)


def diagnostic(name: str, fault: Fault, lines: list[str]) -> Diagnostic:
    source = lines[fault.line - 1] if 0 < fault.line <= len(lines) else ""
    return Diagnostic(name, fault.line, fault.column, fault.length, SEVERITIES[min(fault.severity, 2)], fault.code,
                      fault.text.decode(errors="replace"), source)
