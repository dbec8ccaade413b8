"""A program run under `sys.monitoring` → JSON: which functions under a folder called which, as it happened.

    python recorder.py ROOT OUT SECONDS MODULE [ARGUMENT …]

Runs `python -m MODULE ARGUMENT …` for at most SECONDS of processor time and writes OUT. It needs Python 3.12 and nothing
else, since it runs inside the throwaway environment that `recorded.py` makes. A function is told by its file, qualified
name and first line. The caller is the nearest frame of the project on the stack; what of a library stands in between is
written down.

A generator or coroutine starts when somebody first resumes it, perhaps an event loop: who called it is seen when the
call is made. So it is with a function in the wrapper of a library's decorator (`contextmanager`, a transaction).
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
from types import CodeType, FrameType, FunctionType

if sys.version_info < (3, 12):
    raise SystemExit("calls are recorded with sys.monitoring: give a Python of 3.12 or later")

_FUNCTION = 0x01  # co_flags: CO_OPTIMIZED, which bodies of modules and classes do not have
_LATER = 0x2A0  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_WRAPPERS = 10  # decorators looked through
monitoring = sys.monitoring
Key = tuple[int, int, str]  # caller, callee, what stands in between


class Recorder:
    """What has been seen so far; code objects are told by identity, since equal ones may be of two files."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root) + os.sep
        self.paths: dict[str, str] = {}
        self.codes: dict[int, CodeType] = {}
        self.started: set[int] = set()
        self.edges: dict[Key, set[int]] = {}  # → lines of the caller
        self.native: dict[
            int, tuple[int, str]
        ] = {}  # code → the last call of something that is not Python: where, what

    def path(self, code: CodeType) -> str:
        """The path of code under the root, "" for what is not of the project."""
        file = code.co_filename
        if file not in self.paths:
            real = os.path.realpath(file)
            inside = os.path.isfile(real) and real.startswith(self.root) and "site-packages" not in real
            self.paths[file] = real[len(self.root) :].replace(os.sep, "/") if inside else ""
        return self.paths[file]

    def add(self, caller: CodeType, callee: CodeType, between: str, line: int) -> None:
        """Remember one call."""
        self.codes[id(caller)], self.codes[id(callee)] = caller, callee
        self.edges.setdefault((id(caller), id(callee), between), set()).add(line)

    def start(self, code: CodeType, offset: int) -> object:
        """A function, or generator or coroutine for the first time, starts to run."""
        if not code.co_flags & _FUNCTION or code.co_name.startswith("<") or not self.path(code):
            return monitoring.DISABLE
        if id(code) not in self.started:
            self.started.add(id(code))
            self.codes[id(code)] = code
        frame, between = sys._getframe(1).f_back, ""
        while frame is not None and not self.path(frame.f_code):
            between = library_name(frame)
            frame = frame.f_back
        if frame is not None and not between and not code.co_name.endswith("__"):
            where, name = self.native.get(id(frame.f_code), (-1, ""))
            between = name if where == frame.f_lasti else ""
        if frame is not None and (between or not code.co_flags & _LATER):
            self.add(frame.f_code, code, between, frame.f_lineno or 0)
        if frame is not None:
            watch(frame.f_code)
        watch(code)
        return None

    def call(self, code: CodeType, offset: int, callee: object, first: object) -> object:
        """Code of the project calls something: of interest where the function called does not start at once.

        What is compiled, or a class, has no frame of its own: what runs inside of it has the caller's right above it.
        """
        function = getattr(callee, "__func__", callee)
        self.native.pop(id(code), None)
        for step in range(_WRAPPERS):
            called = getattr(function, "__code__", None)
            if isinstance(called, CodeType) and self.path(called):
                if step or called.co_flags & _LATER:
                    self.add(code, called, "", line_at(code, offset))
                return None
            try:
                function = vars(function)["__wrapped__"]
            except (TypeError, KeyError):
                break
        if not isinstance(function, FunctionType):  # compiled ones may have a `__code__` too
            named = function if hasattr(function, "__qualname__") else type(function)
            self.native[id(code)] = (offset, f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', '')}")
        return None

    def written(self) -> dict[str, object]:
        """Everything seen, sorted; calls of functions that never ran are left out."""
        known = {key: lines for key, lines in self.edges.items() if key[1] in self.started}
        edges = [[self.told(a), self.told(b), between, sorted(lines)] for (a, b, between), lines in known.items()]
        return {"functions": sorted(self.told(code) for code in self.started), "edges": sorted(edges)}

    def told(self, number: int) -> list[object]:
        """Path, qualified name, first line, and whether it is a function's."""
        code = self.codes[number]
        return [self.path(code), code.co_qualname, code.co_firstlineno, bool(code.co_flags & _FUNCTION)]


def library_name(frame: FrameType) -> str:
    """The qualified name of a library's function on the stack."""
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}"


def watch(code: CodeType) -> None:
    """Have calls made by code of the project reported."""
    monitoring.set_local_events(monitoring.PROFILER_ID, code, monitoring.events.CALL)


def line_at(code: CodeType, offset: int) -> int:
    """The line of an instruction."""
    return next((line or 0 for start, end, line in code.co_lines() if start <= offset < end), 0)


def main() -> None:
    """Run the module and write what was seen, however it ends."""
    root, out, seconds, module, *arguments = sys.argv[1:]
    recorder = Recorder(root)
    monitoring.use_tool_id(monitoring.PROFILER_ID, "recorder")
    monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.PY_START, recorder.start)
    monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.CALL, recorder.call)
    monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.PY_START)
    signal.signal(signal.SIGPROF, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_PROF, int(seconds), 10)  # again: an interrupt in a `__del__` is lost
    sys.path[0] = os.getcwd()
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except (SystemExit, KeyboardInterrupt):
        pass
    finally:
        monitoring.set_events(monitoring.PROFILER_ID, 0)
        monitoring.free_tool_id(monitoring.PROFILER_ID)
        with open(out, "w", encoding="utf-8") as file:
            json.dump(recorder.written(), file, indent=0)


if __name__ == "__main__":
    main()
