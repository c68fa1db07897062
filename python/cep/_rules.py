# _rules.py - rule text to a program, and what it says of itself.
from __future__ import annotations

import ctypes
import difflib
import os
import pathlib
import typing

from . import _native as n
from ._errors import CompileError, Diagnostic, Error, UnknownNameError, check, diagnostic
from ._values import Field, to_python

if typing.TYPE_CHECKING:
    from ._engine import Engine

Settings = typing.Mapping[str, typing.Union[str, int, bool]]
_PICTURES = {"plan": 0, "nfa": 1, "dot": 2, "code": 3, "automaton": 4, "mermaid": 5}


class Stream(typing.NamedTuple):
    """What rows of a stream are made of."""
    name: str
    number: int
    input: str
    fields: tuple[Field, ...]


class TestOutcome(typing.NamedTuple):
    """One `test` block; `expected` and `got` are "" when it passed."""
    detection: str
    name: str
    passed: bool
    line: int
    column: int
    expected: str
    got: str


def unknown(what: str, name: object, known: typing.Iterable[str]) -> UnknownNameError:
    names = list(known)
    close = difflib.get_close_matches(str(name), names, 1)
    more = f"did you mean {close[0]!r}?" if close else f"there is {', '.join(names)}" if names else "there is none"
    return UnknownNameError(f"there is no {what} {name!r}; {more}")


class Config:
    """A cep_config for one call: `with Config(settings) as config`."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self.at = ctypes.c_void_p()

    def __enter__(self) -> Config:
        check(n.held.cep_config_new_abi(n.ABI, None, ctypes.byref(self.at)))
        for key, value in self._settings.items():
            name = key if "." in key else key.replace("_", ".", 1)
            text = str(int(value)) if isinstance(value, bool) else str(value)
            fault = n.Fault()
            status = n.held.cep_config_set(self.at, name.encode(), text.encode(), ctypes.byref(fault))
            if status < 0:
                self.__exit__()
                check(status, fault)
        return self

    def __exit__(self, *_: object) -> None:
        n.held.cep_config_free(self.at)
        self.at = ctypes.c_void_p()


def gather(call: typing.Callable[[typing.Any], int]) -> bytes:
    """What a function of cep.h writes through its cep_write_fn, which `call` is given."""
    parts: list[bytes] = []

    def write(_: object, data: int, size: int) -> int:
        try:
            parts.append(ctypes.string_at(data, size) if size else b"")
            return n.OK
        except MemoryError:
            return n.E_NOMEM
    call(n.WriteFn(write))
    return b"".join(parts)


class Rules:
    """A compiled rule file. Immutable: any number of engines, in any threads, may run it."""

    def __init__(self, at: ctypes.c_void_p, name: str, diagnostics: tuple[Diagnostic, ...]):
        self._at = at
        self.name = name
        #: warnings and notes of the compiler
        self.diagnostics = diagnostics
        held = n.held
        self.inputs: tuple[str, ...] = tuple(
            held.cep_program_input_name(at, i).decode() for i in range(held.cep_program_input_count(at)))
        self.detections: tuple[str, ...] = tuple(
            held.cep_program_detection_name(at, i).decode() for i in range(held.cep_program_detection_count(at)))
        self.tables: tuple[str, ...] = tuple(
            held.cep_program_table_name(at, i).decode() for i in range(held.cep_program_table_count(at)))
        #: the streams that rows can be pushed to, by name
        self.streams: dict[str, Stream] = {}
        for i in range(held.cep_program_stream_count(at)):
            source = held.cep_program_stream_input(at, i)
            if source != n.NONE:
                stream = Stream(held.cep_program_stream_name(at, i).decode(), i, self.inputs[source], self._fields(i))
                self.streams[stream.name] = stream
        self._metas = tuple(self._meta(i) for i in range(len(self.detections)))

    def _fields(self, stream: int) -> tuple[Field, ...]:
        held, at = n.held, self._at
        return tuple(Field(held.cep_program_field_name(at, stream, i).decode(), n.KINDS[held.cep_program_field_kind(at, stream, i)],
                           held.cep_program_field_may_be_null(at, stream, i) != 0, held.cep_program_field_is_time(at, stream, i) != 0)
                     for i in range(held.cep_program_field_count(at, stream)))

    def _meta(self, detection: int) -> dict[str, typing.Any]:
        found: dict[str, typing.Any] = {}
        value = n.Value()
        while name := n.held.cep_program_meta(self._at, detection, len(found), ctypes.byref(value)):
            found[name.decode()] = to_python(value)
        return found

    def __repr__(self) -> str:
        return f"<cep.Rules {self.name}: {', '.join(self.detections)}>"

    def __del__(self) -> None:
        if getattr(self, "_at", None) and n is not None:
            n.held.cep_program_free(self._at)

    def meta(self, detection: str) -> dict[str, typing.Any]:
        """What `meta` of a detection says."""
        if detection not in self.detections:
            raise unknown("detection", detection, self.detections)
        return dict(self._metas[self.detections.index(detection)])

    def engine(self, *, on_match: typing.Callable[..., object] | None = None, on_late: typing.Callable[..., object] | None = None,
               on_dead_letter: typing.Callable[..., object] | None = None, ignore_unknown: bool = False,
               partitions: typing.Mapping[str, typing.Iterable[int]] | None = None, settings: Settings | None = None,
               **more_settings: str | int | bool) -> Engine:
        """One run of the rules.

        on_match        called with each Alert; without it they are kept until you take them (iterate over the engine)
        on_late         called with each late record (Refused)
        on_dead_letter  called with each record that cannot be used; without it a row that cannot be used raises
                        RefusedError, and records are only counted
        ignore_unknown  members of a row that are no fields of its stream are passed over, instead of a FieldError
        partitions      the partitions of inputs that have other ones than 0: {"Web": range(3)}
        settings        those of docs/reference/config.md, also as keywords: memory_max="64MiB"
        """
        from ._engine import Engine
        return Engine(self, None, on_match, on_late, on_dead_letter, ignore_unknown, partitions or {}, {**(settings or {}), **more_settings})

    def restore(self, state: bytes, *, on_match: typing.Callable[..., object] | None = None,
                on_late: typing.Callable[..., object] | None = None, on_dead_letter: typing.Callable[..., object] | None = None,
                ignore_unknown: bool = False, partitions: typing.Mapping[str, typing.Iterable[int]] | None = None,
                settings: Settings | None = None, **more_settings: str | int | bool) -> Engine:
        """An engine that goes on from where Engine.checkpoint was called; `engine.position` has its bytes. Hand in rows
        of tables again before the first event."""
        from ._engine import Engine
        return Engine(self, bytes(state), on_match, on_late, on_dead_letter, ignore_unknown, partitions or {},
                      {**(settings or {}), **more_settings})

    def test(self, tables: typing.Mapping[str, bytes | str] | None = None) -> list[TestOutcome]:
        """Runs the `test` blocks, in the order of the text. `tables`: rows, as the bytes of a file of their format."""
        outcomes: list[TestOutcome] = []

        def report(_: object, at: int) -> None:
            result = n.TestResult.from_address(at)
            outcomes.append(TestOutcome(result.detection.decode(), result.name.decode(), result.passed != 0, result.line, result.column,
                                        result.expected.decode(errors="replace"), result.got.decode(errors="replace")))
        rows = [(name.encode(), data.encode() if isinstance(data, str) else bytes(data)) for name, data in (tables or {}).items()]
        array = (n.TableRows * max(1, len(rows)))(*[n.TableRows(name, data, len(data)) for name, data in rows])
        failed, fault = ctypes.c_uint32(), n.Fault()
        check(n.freed.cep_program_test_with(self._at, array, len(rows), n.TestFn(report), None, ctypes.byref(failed), ctypes.byref(fault)),
              fault)
        return outcomes

    def explain(self, detection: str | None = None, what: str = "automaton") -> str:
        """A picture for people: "plan", "nfa", "dot", "code", "automaton", "mermaid"; the last two also of one detection."""
        if what not in _PICTURES:
            raise unknown("picture", what, _PICTURES)
        fault = n.Fault()
        if detection is None:
            return gather(lambda write: check(n.freed.cep_program_explain(self._at, _PICTURES[what], write, None, ctypes.byref(fault)),
                                              fault)).decode()
        if detection not in self.detections:
            raise unknown("detection", detection, self.detections)
        number = self.detections.index(detection)
        return gather(lambda write: check(n.freed.cep_program_explain_detection(self._at, _PICTURES[what], number, write, None,
                                                                                ctypes.byref(fault)), fault)).decode()

    def save(self) -> bytes:
        """The compiled rules as bytes, for cep.load."""
        fault = n.Fault()
        return gather(lambda write: check(n.freed.cep_program_save(self._at, write, None, ctypes.byref(fault)), fault))


def compile(source: str | os.PathLike[str], name: str | None = None, *, settings: Settings | None = None,
            **more_settings: str | int | bool) -> Rules:
    """Compiles rules: a str is their text, a pathlib.Path the file that has them. `name` is used in messages.

    Raises CompileError, whose text shows each mistake with its line and place."""
    if isinstance(source, os.PathLike):
        path = pathlib.Path(source)
        text, name = path.read_bytes(), name or str(path)
    elif isinstance(source, str):
        text = source.encode()
    else:
        raise TypeError(f"rules are text or a path, not {type(source).__name__}")
    name = name or "rules"
    lines = text.decode(errors="replace").split("\n")
    found: list[Diagnostic] = []

    def report(_: object, at: int) -> None:
        found.append(diagnostic(str(name), n.Fault.from_address(at), lines))
    told, at, fault = n.DiagFn(report), ctypes.c_void_p(), n.Fault()
    with Config({**(settings or {}), **more_settings}) as config:
        n.held.cep_config_set_diagnostics(config.at, told, None)
        status = n.freed.cep_program_compile(config.at, name.encode(), text, len(text), ctypes.byref(at), ctypes.byref(fault))
    if status in (n.E_SYNTAX, n.E_SEMANTIC) or (status < 0 and found):
        is_path = isinstance(source, str) and "\n" not in source and os.path.exists(source)
        raise CompileError(tuple(found or [diagnostic(name, fault, lines)]), n.held.cep_status_name(status).decode(),
                           f"{source!r} is the name of a file: give cep.compile(pathlib.Path(…)) to read it" if is_path else "")
    check(status, fault)
    return Rules(at, name, tuple(found))


def load(image: bytes, name: str = "rules", *, settings: Settings | None = None, **more_settings: str | int | bool) -> Rules:
    """Rules that Rules.save wrote."""
    at, fault, data = ctypes.c_void_p(), n.Fault(), bytes(image)
    with Config({**(settings or {}), **more_settings}) as config:
        check(n.freed.cep_program_load(config.at, data, len(data), ctypes.byref(at), ctypes.byref(fault)), fault)
    return Rules(at, name, ())


__all__ = ["Error", "Rules", "Stream", "TestOutcome", "compile", "load"]
