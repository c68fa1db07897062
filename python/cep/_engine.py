# _engine.py - one run of rules: rows and records in, alerts out.
from __future__ import annotations

import collections
import ctypes
import datetime
import threading
import typing

from . import _native as n
from ._errors import BusyError, ClosedError, FieldError, Refused, RefusedError, check
from ._rules import Config, Rules, Settings, gather, unknown
from ._values import RowWriter, TimeLike, time_ns, to_datetime, to_python

Row = typing.Mapping[str, typing.Any]
_STATS: list[tuple[str, str]] = []  # name and scope, by number
while n.held.cep_stat_name(len(_STATS)):
    _STATS.append((n.held.cep_stat_name(len(_STATS)).decode().lower(), n.held.cep_stat_scope(len(_STATS)).decode()))


class Captured(typing.NamedTuple):
    """An event of an alert: which step took it, and where it stood in its input."""
    step: str
    stream: str
    input: str
    partition: int
    position: int
    time_ns: int

    @property
    def time(self) -> datetime.datetime:
        return to_datetime(self.time_ns)


class Alert(typing.NamedTuple):
    """What a detection found. Times are UTC; those that end in _ns are exact.

    kind        "match", "timeout", "window" or "update"
    time        when it was decided; start and end are the times of its first and last event
    key, emit   by name; times as datetime, durations as timedelta, addresses as ipaddress objects
    suppressed  alerts that `suppress` held back since the last one of the key
    by_clock    it was decided not by the events alone
    json        the line that the command would write
    """
    detection: str
    id: str
    kind: str
    time_ns: int
    start_ns: int
    end_ns: int
    key: dict[str, typing.Any]
    emit: dict[str, typing.Any]
    meta: dict[str, typing.Any]
    events: tuple[Captured, ...]
    suppressed: int
    by_clock: bool
    json: str

    @property
    def time(self) -> datetime.datetime:
        return to_datetime(self.time_ns)

    @property
    def start(self) -> datetime.datetime:
        return to_datetime(self.start_ns)

    @property
    def end(self) -> datetime.datetime:
        return to_datetime(self.end_ns)


class _Desk:
    """Where callbacks put what they are told. It knows no engine, so that engine and callbacks make no circle."""

    def __init__(self, rules: Rules, on_match: typing.Callable[..., object] | None, on_late: typing.Callable[..., object] | None,
                 on_dead: typing.Callable[..., object] | None):
        self.rules, self.on_match, self.on_late, self.on_dead = rules, on_match, on_late, on_dead
        self.alerts: collections.deque[Alert] = collections.deque()
        self.refused: Refused | None = None
        self.dead = 0  # records, so far
        self.error: BaseException | None = None
        self._parts: list[bytes] = []
        self._name, self._captured = ctypes.c_char_p(), n.Captured()
        self._captured.size = ctypes.sizeof(n.Captured)
        self.match_fn = n.MatchFn(self._match)
        self.late_fn, self.dead_fn = n.RefusedFn(self._late), n.RefusedFn(self._dead)
        self._write_fn = n.WriteFn(self._write)

    def _write(self, _: object, data: int, size: int) -> int:
        self._parts.append(ctypes.string_at(data, size))
        return n.OK

    def _match(self, _: object, match: int) -> int:
        if self.error is not None:
            return 1
        try:
            alert = self._alert(match)
            if self.on_match is None:
                self.alerts.append(alert)
            else:
                self.on_match(alert)
            return 0
        except BaseException as error:  # raised again when the call is over
            self.error = error
            return 1

    def _values(self, get: typing.Callable[..., int | None], match: int) -> dict[str, typing.Any]:
        found: dict[str, typing.Any] = {}
        name, at, index = self._name, get(match, 0, self._name), 0
        while at:
            found[(name.value or b"").decode()] = to_python(n.Value.from_address(at))
            index += 1
            at = get(match, index, name)
        return found

    def _events(self, match: int) -> typing.Iterator[Captured]:
        one = self._captured
        for index in range(n.held.cep_match_event_count(match)):
            if n.held.cep_match_event(match, index, one) == n.OK:
                yield Captured(one.step.decode(), one.stream.decode(), one.input.decode(), one.partition, one.position, one.time)

    def _alert(self, match: int) -> Alert:
        held, number = n.held, n.held.cep_match_detection(match)
        self._parts.clear()
        check(held.cep_match_write_json(match, self._write_fn, None))
        return Alert(self.rules.detections[number], bytes(held.cep_match_id(match)[:16]).hex(), n.ALERT_KINDS[held.cep_match_what(match)],
                     held.cep_match_time(match), held.cep_match_time_first(match), held.cep_match_time_last(match),
                     self._values(held.cep_match_key, match), self._values(held.cep_match_value, match),
                     self.rules._metas[number].copy(), tuple(self._events(match)), held.cep_match_suppressed(match),
                     held.cep_match_clock(match) != 0, b"".join(self._parts).decode("utf-8", "replace"))

    def _late(self, _: object, at: int) -> None:
        self._tell(self.on_late, at)

    def _dead(self, _: object, at: int) -> None:
        if not n.Refused.from_address(at).is_table:
            self.dead += 1
        self._tell(self.on_dead, at)

    def _tell(self, listener: typing.Callable[..., object] | None, at: int) -> None:
        if self.error is not None:
            return
        try:
            raw = n.Refused.from_address(at)
            is_late = raw.reason == b"late"
            told = Refused(raw.input.decode(), raw.partition, raw.position, raw.reason.decode(), raw.detail.decode(errors="replace"),
                           ctypes.string_at(raw.record, raw.record_len) if raw.record else None, raw.time if is_late else None,
                           raw.lateness_needed if is_late else None, raw.is_table != 0)
            if listener is not None:
                listener(told)
            elif told.record is None:
                self.refused = told
        except BaseException as error:  # raised again when the call is over
            self.error = error


class _Input:
    def __init__(self, at: ctypes.c_void_p, name: str, partition: int):
        self.at, self.name, self.partition = at, name, partition


class Engine:
    """One run of rules; made by Rules.engine. It has one owner at a time: a call while another one runs, of a callback
    or of another thread, raises BusyError. Use it in `with`, or close it."""

    def __init__(self, rules: Rules, state: bytes | None, on_match: typing.Callable[..., object] | None,
                 on_late: typing.Callable[..., object] | None, on_dead_letter: typing.Callable[..., object] | None, ignore_unknown: bool,
                 partitions: typing.Mapping[str, typing.Iterable[int]], settings: Settings):
        self._at = ctypes.c_void_p()
        self.rules = rules
        self._desk = _Desk(rules, on_match, on_late, on_dead_letter)
        self._lock = threading.Lock()
        self._owner = 0
        self._fault = n.Fault()
        self._fault_at = ctypes.c_void_p(ctypes.addressof(self._fault))
        self._ignore_unknown = ignore_unknown
        for name in partitions:
            if name not in rules.inputs:
                raise unknown("input", name, rules.inputs)
        with Config(settings) as config:
            if on_late is not None:
                n.held.cep_config_set_late(config.at, self._desk.late_fn, None)
            n.held.cep_config_set_dead_letter(config.at, self._desk.dead_fn, None)
            if state is None:
                check(n.held.cep_engine_new(config.at, rules._at, self._desk.match_fn, None, ctypes.byref(self._at),
                                            ctypes.byref(self._fault)), self._fault)
            else:
                self._restore(config, state)
        self._inputs: dict[tuple[str, int], _Input] = {}
        for name in rules.inputs:
            for partition in partitions.get(name, (0,)):
                at = ctypes.c_void_p()
                check(n.held.cep_engine_input(self._at, name.encode(), partition, ctypes.byref(at), ctypes.byref(self._fault)),
                      self._fault)
                self._inputs[name, partition] = _Input(at, name, partition)
        self._writers: dict[str, RowWriter] = {}

    def _restore(self, config: Config, state: bytes) -> None:
        done = 0

        def read(_: object, into: int, room: int, taken: typing.Any) -> int:
            nonlocal done
            part = state[done:done + room]
            ctypes.memmove(into, part, len(part))
            done += len(part)
            taken[0] = len(part)
            return n.OK
        check(n.freed.cep_engine_restore(config.at, self.rules._at, self._desk.match_fn, None, n.ReadFn(read), None,
                                         ctypes.byref(self._at), ctypes.byref(self._fault)), self._fault)

    # ---- Life

    def close(self) -> None:
        """Frees what the engine holds; what still waits is not decided (see finish). Alerts not yet taken stay."""
        self._enter(may_be_closed=True)
        try:
            n.held.cep_engine_free(self._at)
            self._at = ctypes.c_void_p()
        finally:
            self._lock.release()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_at", None) and n is not None:
            n.held.cep_engine_free(self._at)

    def __repr__(self) -> str:
        return f"<cep.Engine {self.rules.name}{'' if self._at else ', closed'}>"

    # ---- Every call: one at a time, and what callbacks raised is raised

    def _enter(self, may_be_closed: bool = False) -> None:
        if not self._lock.acquire(False):
            raise BusyError("the engine is in another call: a callback may not change its engine, and only one thread may use it at a time")
        if not self._at and not may_be_closed:
            self._lock.release()
            raise ClosedError("the engine is closed")
        self._owner = threading.get_ident()

    def _look(self, function: typing.Callable[..., typing.Any], *arguments: typing.Any) -> typing.Any:
        """A call that changes nothing: allowed in callbacks too."""
        if self._lock.locked() and self._owner == threading.get_ident():
            return function(self._at, *arguments)
        self._enter()
        try:
            return function(self._at, *arguments)
        finally:
            self._lock.release()

    def _settle(self, status: int) -> int:
        desk = self._desk
        if desk.error is not None:
            error, desk.error, desk.refused = desk.error, None, None
            raise error
        if status < 0:
            check(status, self._fault)
        if desk.refused is not None:
            refused, desk.refused = desk.refused, None
            raise RefusedError(refused)
        return status

    def _call(self, function: typing.Callable[..., int], *arguments: typing.Any) -> int:
        self._enter()
        try:
            return self._settle(function(*arguments, self._fault))
        finally:
            self._lock.release()

    def _input(self, name: str, partition: int) -> _Input:
        found = self._inputs.get((name, partition))
        if found is None:
            if name not in self.rules.inputs:
                raise unknown("input", name, self.rules.inputs)
            raise unknown(f"partition of input {name!r}", partition, [str(p) for i, p in self._inputs if i == name])
        return found

    def _chosen(self, name: str | None, partition: int | None) -> list[_Input]:
        if name is not None:
            return [self._input(name, partition or 0)]
        return list(self._inputs.values())

    # ---- Rows

    def _writer(self, stream: str) -> RowWriter:
        writer = self._writers.get(stream)
        if writer is None:
            one = self.rules.streams.get(stream)
            if one is None:
                raise unknown("stream", stream, self.rules.streams)
            writer = self._writers[stream] = RowWriter(one.number, one.name, one.fields, self._ignore_unknown)
        return writer

    def push(self, stream: str, row: Row, time: TimeLike | None = None, *, partition: int = 0) -> bool:
        """Takes one event: a value for each field by name, None for null. `time` may be left out where a field of the
        stream is the time. True if it was taken; False if it was late, or went to on_dead_letter.

        A value that does not fit, or a name that is no field, raises FieldError, and nothing was taken."""
        writer = self._writer(stream)
        at = self._input(self.rules.streams[stream].input, partition).at
        self._enter()
        try:
            writer.write(row, time)
            before = self._desk.dead
            status = self._settle(n.held.cep_input_push(at, writer.event, self._fault_at))
            return status != n.LATE and self._desk.dead == before
        finally:
            self._lock.release()

    def push_many(self, stream: str, rows: typing.Iterable[Row], time: str | None = None, *, partition: int = 0) -> int:
        """Takes many events of one stream. `time` names the member of each row that has the time, where that is no field
        of the stream. Gives how many were taken; where one raises, those before it were."""
        writer = self._writer(stream)
        at = self._input(self.rules.streams[stream].input, partition).at
        apart = time if time != writer.time_field else None
        push, fault, event, write, desk = n.held.cep_input_push, self._fault_at, writer.event, writer.write, self._desk
        self._enter()
        try:
            taken, dead = 0, desk.dead
            for row in rows:
                write(row, row.get(apart) if apart is not None else None, apart)
                status = push(at, event, fault)
                if status == n.OK:
                    taken += 1
                if status < 0 or desk.error is not None or desk.refused is not None:
                    self._settle(status)
            return taken - (desk.dead - dead)
        finally:
            self._lock.release()

    def push_frame(self, stream: str, frame: typing.Any, time: str | None = None, *, partition: int = 0) -> int:
        """As push_many, of the rows of a pandas DataFrame: columns that are no fields are passed over, and what isna() is
        null."""
        writer = self._writer(stream)
        wanted = [name for name in frame.columns if name in writer.names or name == time]
        if not wanted:
            raise FieldError(stream, "", f"no column of the frame is a field; the stream has {', '.join(writer.names)}")
        columns = []
        for name in wanted:
            values, missing = frame[name].tolist(), frame[name].isna()
            columns.append([None if gone else value for value, gone in zip(values, missing)] if missing.any() else values)
        return self.push_many(stream, (dict(zip(wanted, values)) for values in zip(*columns)), time, partition=partition)

    # ---- Records

    def record(self, input: str, record: bytes | str, *, partition: int = 0) -> bool:
        """Takes one record as the input's declaration says: a line of text, of JSON, of CSV, of logfmt. True if it was
        taken; False if it was late or could not be read."""
        return self.records(input, (record,), partition=partition) == 1

    def records(self, input: str, records: typing.Iterable[bytes | str], *, partition: int = 0) -> int:
        """Takes many records, an open file of lines for example; line ends are cut off. Gives how many were taken."""
        at = self._input(input, partition).at
        take, fault, desk = n.held.cep_input_record, self._fault_at, self._desk
        self._enter()
        try:
            taken, dead = 0, desk.dead
            for record in records:
                if isinstance(record, str):
                    record = record.encode()
                elif not isinstance(record, bytes):
                    record = bytes(memoryview(record))
                if record.endswith(b"\n"):
                    record = record[:-2] if record.endswith(b"\r\n") else record[:-1]
                status = take(at, record, len(record), n.POSITION_NEXT, fault)
                if status == n.OK:
                    taken += 1
                if status < 0 or desk.error is not None:
                    self._settle(status)
            return taken - (desk.dead - dead)
        finally:
            self._lock.release()

    def table(self, name: str, data: bytes | str) -> None:
        """Hands in the rows of a table, as the bytes of a file of its format, in place of those it had."""
        if name not in self.rules.tables:
            raise unknown("table", name, self.rules.tables)
        raw = data.encode() if isinstance(data, str) else bytes(data)
        self._call(n.freed.cep_engine_table, self._at, name.encode(), raw, len(raw))

    # ---- Time

    def advance(self, time: TimeLike, input: str | None = None, *, partition: int | None = None) -> None:
        """Promises that no event older than `time` will come from this input (None: from any)."""
        stamp = time_ns(time)
        for one in self._chosen(input, partition):
            self._call(n.freed.cep_input_advance, one.at, stamp)

    def clock(self, now: TimeLike) -> None:
        """For rules with `time ingestion` or `time processing`: what the clock shows. Before the first record, then as
        often as it matters."""
        stamp = time_ns(now)
        for one in self._inputs.values():
            if n.held.cep_input_time_source(one.at) != 0:
                self._call(n.freed.cep_input_clock, one.at, stamp)

    def idle(self, input: str, is_idle: bool = True, *, partition: int = 0) -> None:
        """An idle input holds nothing back until it delivers again."""
        self._call(n.freed.cep_input_idle, self._input(input, partition).at, 1 if is_idle else 0)

    def end(self, input: str, *, partition: int = 0) -> None:
        """Nothing more comes from this input."""
        self._call(n.freed.cep_input_end, self._input(input, partition).at)

    def flush(self) -> None:
        """Processes rows that wait for a batch (setting batch_events)."""
        self._call(n.freed.cep_engine_flush, self._at)

    def finish(self) -> list[Alert]:
        """Nothing more comes at all: what still waits is decided. Gives the alerts not yet taken."""
        self._call(n.freed.cep_engine_finish, self._at)
        return list(self.alerts())

    @property
    def watermark(self) -> datetime.datetime | None:
        """How far event time has got; None before the first event, and after the end."""
        stamp = self._look(n.held.cep_engine_watermark, None)
        return None if stamp in (n.TIME_MIN, n.TIME_MAX) else to_datetime(stamp)

    # ---- What comes out

    def alerts(self) -> typing.Iterator[Alert]:
        """The alerts that are there and were not taken yet; each is given once. Empty with on_match."""
        waiting = self._desk.alerts
        while waiting:
            yield waiting.popleft()

    def __iter__(self) -> typing.Iterator[Alert]:
        return self.alerts()

    def stats(self, name: str | None = None) -> dict[str, int]:
        """Every statistic by name (docs/reference/stats.md), summed up; or of one input, stream, detection or table."""
        places = {}
        if name is not None:
            streams = {one.name: one.number for one in self.rules.streams.values()}
            known = [*self.rules.inputs, *streams, *self.rules.detections, *self.rules.tables]
            if name not in known:
                raise unknown("input, stream, detection or table", name, known)
            for scope, names in (("input", self.rules.inputs), ("detection", self.rules.detections), ("table", self.rules.tables)):
                if name in names:
                    places[scope] = names.index(name)
            if name in streams:
                places["stream"] = streams[name]
        if name is None:
            return {stat: self._look(n.held.cep_engine_stat, i, n.NONE) for i, (stat, _) in enumerate(_STATS)}
        return {stat: self._look(n.held.cep_engine_stat, i, places[scope]) for i, (stat, scope) in enumerate(_STATS) if scope in places}

    # ---- Checkpoints

    def checkpoint(self, position: bytes = b"") -> bytes:
        """All that the engine knows, for Rules.restore, with bytes of yours that say how far you have read. Take the alerts
        that are there too: they belong to what was before."""
        raw = bytes(position)
        return gather(lambda write: self._call(n.freed.cep_engine_checkpoint, self._at, raw, len(raw), write, None))

    @property
    def position(self) -> bytes | None:
        """The bytes that came back with the state; None if the engine was not restored."""
        size = ctypes.c_size_t()
        at = self._look(n.held.cep_engine_position, ctypes.byref(size))
        return ctypes.string_at(at, size.value) if at else None
