# _values.py - Python's values to cep_value and back.
from __future__ import annotations

import ctypes
import datetime
import ipaddress
import operator
import re
import socket
import sys
import typing

from . import _native as n
from ._errors import FieldError

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000_000
_LOW, _HIGH = (0, 32) if sys.byteorder == "little" else (32, 0)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)?\Z", re.ASCII)

TimeLike = typing.Union[int, str, datetime.datetime]
DurationLike = typing.Union[int, datetime.timedelta]


def _of_delta(delta: datetime.timedelta) -> int:
    return (delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds * 1000


def _range(value: int) -> int:
    if not -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        raise ValueError(f"{value} does not fit in 64 bits")
    return value


def time_ns(value: TimeLike) -> int:
    """Nanoseconds since 1970: of an int, of a datetime (one without a zone is UTC), of RFC 3339 text."""
    if type(value) is int:
        return _range(value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return _range(_of_delta(value - EPOCH) + getattr(value, "nanosecond", 0))  # pandas.Timestamp has them
    if isinstance(value, str):
        match = _TIME.match(value)
        if not match:
            raise ValueError(f"{value!r} is no time such as '2026-03-14T08:12:35Z'")
        day, clock, fraction, zone = match.groups()
        zone = "+00:00" if zone in (None, "Z", "z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
        whole = datetime.datetime.fromisoformat(f"{day}T{clock}{zone}")
        return _range(_of_delta(whole - EPOCH) + int((fraction or "0")[:9].ljust(9, "0")))
    if isinstance(value, bool):
        raise TypeError("bool is no time")
    try:
        return _range(operator.index(value))
    except TypeError:
        pass
    stamp = getattr(value, "astype", None)
    if stamp is not None and type(value).__name__ == "datetime64":
        return int(stamp("datetime64[ns]").astype("int64"))
    raise TypeError(f"{type(value).__name__} is no time: give a datetime, nanoseconds as an int, or RFC 3339 text")


def duration_ns(value: DurationLike) -> int:
    """Nanoseconds: of an int or a timedelta."""
    if isinstance(value, datetime.timedelta):
        return _range(_of_delta(value) + getattr(value, "nanoseconds", 0))
    if isinstance(value, bool):
        raise TypeError("bool is no duration")
    try:
        return _range(operator.index(value))
    except TypeError:
        raise TypeError(f"{type(value).__name__} is no duration: give a timedelta, or nanoseconds as an int") from None


def to_datetime(ns: int) -> datetime.datetime:
    """In UTC; what is below a microsecond is cut."""
    return EPOCH + datetime.timedelta(microseconds=ns // 1000)


def _ip_bytes(value: typing.Any) -> bytes:
    if isinstance(value, str):
        try:
            return b"\0\0\0\0\0\0\0\0\0\0\xff\xff" + socket.inet_pton(socket.AF_INET, value)
        except (OSError, ValueError):
            pass
        try:
            return socket.inet_pton(socket.AF_INET6, value)
        except (OSError, ValueError):
            raise ValueError(f"{value!r} is no IP address") from None
    packed = value.packed if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address)) else value
    if isinstance(packed, bytes) and len(packed) in (4, 16):
        return packed if len(packed) == 16 else b"\0\0\0\0\0\0\0\0\0\0\xff\xff" + packed
    raise TypeError(f"{type(value).__name__} is no IP address: give text, ipaddress.ip_address(…), or 4 or 16 bytes")


def _to_ip(raw: bytes) -> typing.Any:
    if raw.startswith(b"\0\0\0\0\0\0\0\0\0\0\xff\xff"):
        return ipaddress.IPv4Address(raw[12:])
    return ipaddress.IPv6Address(raw)


def to_python(value: n.Value) -> typing.Any:
    kind = value.kind
    if kind == n.STRING:
        return ctypes.string_at(value.at.s, value.length).decode("utf-8", "replace") if value.length else ""
    if kind == n.INT:
        return value.at.i
    if kind == n.FLOAT:
        return value.at.f
    if kind == n.IP:
        return _to_ip(ctypes.string_at(value.at.s, 16))
    if kind == n.BOOL:
        return value.at.i != 0
    if kind == n.TIME:
        return to_datetime(value.at.i)
    if kind == n.DURATION:
        return datetime.timedelta(microseconds=value.at.i // 1000)
    return None


class Field(typing.NamedTuple):
    """A field of a stream. `kind` is "bool", "int", "float", "string", "time", "duration" or "ip"."""
    name: str
    kind: str
    may_be_null: bool
    is_time: bool


class RowWriter:
    """Rows of one stream as cep_event, in memory of its own that each row overwrites. One owner at a time."""

    def __init__(self, number: int, stream: str, fields: tuple[Field, ...], takes_extra: bool):
        self.stream, self.takes_extra = stream, takes_extra
        self._values = (n.Value * max(1, len(fields)))()
        bytes_of = memoryview(self._values).cast("B")
        self._words, self._floats = bytes_of.cast("q"), bytes_of.cast("d")
        self._event = n.Event(ctypes.sizeof(n.Event), number, 0, n.POSITION_NEXT, ctypes.addressof(self._values), len(fields))
        self.event = ctypes.c_void_p(ctypes.addressof(self._event))
        self._outgrown: list[typing.Any] = []  # texts of this row lie in them
        self._make_room(4096)
        self.names = tuple(field.name for field in fields)
        self._known = frozenset(self.names)
        put = {"bool": self._put_bool, "int": self._put_int, "float": self._put_float, "string": self._put_string,
               "time": self._put_time, "duration": self._put_duration, "ip": self._put_ip}
        self._fields = tuple((2 * at, field.name, put[field.kind]) for at, field in enumerate(fields) if not field.is_time)
        self.time_field: str | None = None
        self._time_at = 0
        for at, field in enumerate(fields):
            if field.is_time:
                self._time_at, self.time_field = 2 * at, field.name

    def _make_room(self, size: int) -> None:
        self._text = ctypes.create_string_buffer(size)
        self._text_at, self._text_size, self._used = ctypes.addressof(self._text), size, 0
        self._text_view = memoryview(self._text).cast("B")

    # ---- One value. words[at] is kind and length, words[at + 1] the value.

    def _put_bytes(self, at: int, kind: int, data: bytes) -> None:
        start, size = self._used, len(data)
        end = start + size
        if end > self._text_size:
            if size > 0x7FFFFFFF:
                raise ValueError("the text is longer than 2 GiB")
            self._outgrown.append(self._text)
            self._make_room(2 * self._text_size + size)
            start, end = 0, size
        self._text_view[start:end] = data
        self._used = end
        words = self._words
        words[at] = kind << _LOW | size << _HIGH
        words[at + 1] = self._text_at + start

    def _put_string(self, at: int, value: typing.Any) -> None:
        if isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, bytes):
            raise TypeError(f"{type(value).__name__} is no string")
        self._put_bytes(at, n.STRING, value)

    def _put_ip(self, at: int, value: typing.Any) -> None:
        self._put_bytes(at, n.IP, _ip_bytes(value))

    def _put_word(self, at: int, kind: int, value: int) -> None:
        self._words[at] = kind << _LOW
        self._words[at + 1] = value

    def _put_bool(self, at: int, value: typing.Any) -> None:
        if type(value) is not bool and type(value).__name__ not in ("bool_", "bool"):  # numpy's
            raise TypeError(f"{type(value).__name__} is no bool")
        words = self._words
        words[at] = n.BOOL << _LOW
        words[at + 1] = 1 if value else 0

    def _put_int(self, at: int, value: typing.Any) -> None:
        if type(value) is not int:
            if isinstance(value, bool):
                raise TypeError("bool is no int")
            try:
                value = operator.index(value)
            except TypeError:
                raise TypeError(f"{type(value).__name__} is no int") from None
        self._put_word(at, n.INT, _range(value))

    def _put_float(self, at: int, value: typing.Any) -> None:
        if isinstance(value, (bool, str, bytes)):
            raise TypeError(f"{type(value).__name__} is no float")
        self._words[at] = n.FLOAT << _LOW
        self._floats[at + 1] = float(value)

    def _put_time(self, at: int, value: typing.Any) -> None:
        self._put_word(at, n.TIME, time_ns(value))

    def _put_duration(self, at: int, value: typing.Any) -> None:
        self._put_word(at, n.DURATION, duration_ns(value))

    # ---- One row.

    def _time_of(self, value: typing.Any) -> int:
        name = self.time_field or ""
        if value is None:
            raise FieldError(self.stream, name, "is the time of the event, and is missing; or give time=…" if name
                             else "the stream has no field for the time of its events: give time=…")
        try:
            return time_ns(value)
        except (TypeError, ValueError) as error:
            raise FieldError(self.stream, name, f"the time: {error}") from None

    def _unknown(self, row: typing.Mapping[str, typing.Any], apart: str | None) -> None:
        for name in row:
            if name not in self._known and name != apart:
                raise FieldError(self.stream, str(name), f"there is no such field; the stream has {', '.join(self.names)}")

    def write(self, row: typing.Mapping[str, typing.Any], time: typing.Any = None, apart: str | None = None) -> None:
        """Makes `event` the row. `apart`: a member that is no field, the time."""
        if self._outgrown:
            self._outgrown.clear()
        self._used = 0
        get, time_field = row.get, self.time_field
        own_time = None if time_field is None else get(time_field)
        stamp = self._time_of(own_time if time is None else time)
        if time_field is not None:
            self._put_word(self._time_at, n.TIME, stamp if own_time is None or time is None else self._time_of(own_time))
        found = 0 if own_time is None else 1
        try:
            for at, name, put in self._fields:
                value = get(name)
                if value is None:
                    self._words[at] = 0
                else:
                    found += 1
                    put(at, value)
        except (TypeError, ValueError, OverflowError) as error:
            raise FieldError(self.stream, name, str(error)) from None
        if found != len(row) and not self.takes_extra:
            self._unknown(row, apart)
        self._event.time = stamp
