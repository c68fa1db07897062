# _native.py - the functions of cep.h, as ctypes sees them.
#
# Two handles of one library: `held` keeps the interpreter's lock during the call (short calls, one per row),
# `freed` lets other threads of Python run (calls that may take long).
import ctypes
import os
import pathlib
import typing
from ctypes import CFUNCTYPE, POINTER, Structure, Union, c_char, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p

ABI = 0
SONAME = "libcep.so.0.1"
NONE = 0xFFFFFFFF
POSITION_NEXT = 0xFFFFFFFFFFFFFFFF
TIME_MIN, TIME_MAX = -(1 << 63), (1 << 63) - 1

STOPPED, LATE, OK = 2, 1, 0
E_INVALID, E_NOMEM, E_LIMIT, E_SYNTAX, E_SEMANTIC, E_NOT_FOUND, E_BUSY, E_IO = -1, -2, -3, -4, -5, -6, -7, -8
NULL, BOOL, INT, FLOAT, STRING, TIME, DURATION, IP = range(8)
KINDS = ("null", "bool", "int", "float", "string", "time", "duration", "ip")
ALERT_KINDS = ("match", "timeout", "window", "update")
SEVERITIES = ("error", "warning", "note")


class Fault(Structure):
    """cep_error"""
    _fields_ = [("status", c_int32), ("code", c_uint32), ("line", c_uint32), ("column", c_uint32), ("offset", c_uint32),
                ("length", c_uint32), ("os_errno", c_int32), ("severity", c_uint32), ("text", c_char * 256)]


class _As(Union):
    _fields_ = [("i", c_int64), ("f", c_double), ("s", c_void_p)]


class Value(Structure):
    """cep_value"""
    _fields_ = [("kind", c_uint32), ("length", c_uint32), ("at", _As)]


class Event(Structure):
    """cep_event"""
    _fields_ = [("size", c_uint32), ("stream", c_uint32), ("time", c_int64), ("position", c_uint64), ("fields", c_void_p),
                ("field_count", c_uint32)]


class Refused(Structure):
    """cep_refused"""
    _fields_ = [("input", c_char_p), ("partition", c_uint32), ("position", c_uint64), ("reason", c_char_p), ("detail", c_char_p),
                ("record", c_void_p), ("record_len", c_size_t), ("time", c_int64), ("lateness_needed", c_int64), ("is_table", c_int)]


class TestResult(Structure):
    """cep_test_result"""
    _fields_ = [("detection", c_char_p), ("name", c_char_p), ("passed", c_int), ("line", c_uint32), ("column", c_uint32),
                ("expected", c_char_p), ("got", c_char_p)]


class Captured(Structure):
    """cep_captured"""
    _fields_ = [("size", c_uint32), ("step_number", c_uint32), ("step", c_char_p), ("stream", c_char_p), ("input", c_char_p),
                ("partition", c_uint32), ("position", c_uint64), ("time", c_int64)]


class TableRows(Structure):
    """cep_table_rows"""
    _fields_ = [("name", c_char_p), ("data", c_char_p), ("data_len", c_size_t)]


# The structures above are POINTERs nowhere: what comes as a void pointer is read by from_address.
DiagFn = CFUNCTYPE(None, c_void_p, c_void_p)
RefusedFn = CFUNCTYPE(None, c_void_p, c_void_p)
TestFn = CFUNCTYPE(None, c_void_p, c_void_p)
MatchFn = CFUNCTYPE(c_int, c_void_p, c_void_p)
WriteFn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)
ReadFn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))

_handle = POINTER(c_void_p)
_u32 = POINTER(c_uint32)
_name = POINTER(c_char_p)
_fault = POINTER(Fault)

# name: result, arguments
_FUNCTIONS = {
    "cep_version_string": (c_char_p,),
    "cep_status_name": (c_char_p, c_int32),
    "cep_status_text": (c_char_p, c_int32),
    "cep_config_new_abi": (c_int32, c_uint32, c_void_p, _handle),
    "cep_config_free": (None, c_void_p),
    "cep_config_set": (c_int32, c_void_p, c_char_p, c_char_p, _fault),
    "cep_config_set_diagnostics": (None, c_void_p, DiagFn, c_void_p),
    "cep_config_set_late": (None, c_void_p, RefusedFn, c_void_p),
    "cep_config_set_dead_letter": (None, c_void_p, RefusedFn, c_void_p),
    "cep_program_compile": (c_int32, c_void_p, c_char_p, c_char_p, c_size_t, _handle, _fault),
    "cep_program_save": (c_int32, c_void_p, WriteFn, c_void_p, _fault),
    "cep_program_load": (c_int32, c_void_p, c_char_p, c_size_t, _handle, _fault),
    "cep_program_free": (None, c_void_p),
    "cep_program_input_count": (c_uint32, c_void_p),
    "cep_program_input_name": (c_char_p, c_void_p, c_uint32),
    "cep_program_stream_count": (c_uint32, c_void_p),
    "cep_program_stream_name": (c_char_p, c_void_p, c_uint32),
    "cep_program_stream_input": (c_uint32, c_void_p, c_uint32),
    "cep_program_field_count": (c_uint32, c_void_p, c_uint32),
    "cep_program_field_name": (c_char_p, c_void_p, c_uint32, c_uint32),
    "cep_program_field_kind": (c_int, c_void_p, c_uint32, c_uint32),
    "cep_program_field_may_be_null": (c_int, c_void_p, c_uint32, c_uint32),
    "cep_program_field_is_time": (c_int, c_void_p, c_uint32, c_uint32),
    "cep_program_detection_count": (c_uint32, c_void_p),
    "cep_program_detection_name": (c_char_p, c_void_p, c_uint32),
    "cep_program_meta": (c_char_p, c_void_p, c_uint32, c_uint32, POINTER(Value)),
    "cep_program_table_count": (c_uint32, c_void_p),
    "cep_program_table_name": (c_char_p, c_void_p, c_uint32),
    "cep_program_test_with": (c_int32, c_void_p, POINTER(TableRows), c_size_t, TestFn, c_void_p, _u32, _fault),
    "cep_program_explain": (c_int32, c_void_p, c_int, WriteFn, c_void_p, _fault),
    "cep_program_explain_detection": (c_int32, c_void_p, c_int, c_uint32, WriteFn, c_void_p, _fault),
    "cep_engine_new": (c_int32, c_void_p, c_void_p, MatchFn, c_void_p, _handle, _fault),
    "cep_engine_free": (None, c_void_p),
    "cep_engine_input": (c_int32, c_void_p, c_char_p, c_uint32, _handle, _fault),
    "cep_input_push": (c_int32, c_void_p, c_void_p, c_void_p),
    "cep_input_record": (c_int32, c_void_p, c_char_p, c_size_t, c_uint64, c_void_p),
    "cep_input_advance": (c_int32, c_void_p, c_int64, _fault),
    "cep_input_clock": (c_int32, c_void_p, c_int64, _fault),
    "cep_input_time_source": (c_int, c_void_p),
    "cep_input_idle": (c_int32, c_void_p, c_int, _fault),
    "cep_input_end": (c_int32, c_void_p, _fault),
    "cep_engine_table": (c_int32, c_void_p, c_char_p, c_char_p, c_size_t, _fault),
    "cep_engine_flush": (c_int32, c_void_p, _fault),
    "cep_engine_finish": (c_int32, c_void_p, _fault),
    "cep_engine_watermark": (c_int64, c_void_p, c_void_p),
    "cep_engine_stat": (c_uint64, c_void_p, c_int, c_uint32),
    "cep_stat_name": (c_char_p, c_int),
    "cep_stat_scope": (c_char_p, c_int),
    "cep_engine_checkpoint": (c_int32, c_void_p, c_char_p, c_size_t, WriteFn, c_void_p, _fault),
    "cep_engine_restore": (c_int32, c_void_p, c_void_p, MatchFn, c_void_p, ReadFn, c_void_p, _handle, _fault),
    "cep_engine_position": (c_void_p, c_void_p, POINTER(c_size_t)),
    "cep_match_detection": (c_uint32, c_void_p),
    "cep_match_what": (c_int, c_void_p),
    "cep_match_id": (POINTER(c_uint8), c_void_p),
    "cep_match_time": (c_int64, c_void_p),
    "cep_match_time_first": (c_int64, c_void_p),
    "cep_match_time_last": (c_int64, c_void_p),
    "cep_match_suppressed": (c_uint64, c_void_p),
    "cep_match_clock": (c_int, c_void_p),
    "cep_match_key": (c_void_p, c_void_p, c_uint32, _name),
    "cep_match_value": (c_void_p, c_void_p, c_uint32, _name),
    "cep_match_event_count": (c_uint32, c_void_p),
    "cep_match_event": (c_int32, c_void_p, c_uint32, POINTER(Captured)),
    "cep_match_write_json": (c_int32, c_void_p, WriteFn, c_void_p),
}


def _declare(library: typing.Any) -> typing.Any:
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _load() -> tuple[typing.Any, typing.Any]:
    """CEP_LIBRARY if it is set, else the library that lies in the package, else the system's."""
    inside = pathlib.Path(__file__).with_name(SONAME)
    path = os.environ.get("CEP_LIBRARY") or (str(inside) if inside.exists() else SONAME)
    try:
        return _declare(ctypes.PyDLL(path)), _declare(ctypes.CDLL(path))
    except OSError as error:
        raise ImportError(f"libcep cannot be loaded: {error}; install it, or name its file in CEP_LIBRARY") from None
    except AttributeError as error:
        raise ImportError(f"{path} is not the libcep that this package is made for: {error}") from None


held, freed = _load()
