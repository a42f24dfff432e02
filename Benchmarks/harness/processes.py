"""Runs programs and says how long they took, how much memory they needed and how busy the rest of the machine was."""

import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

# A program that takes longer is ended: it is then reported as failed, and the others go on.
LIMIT = 600


class Failure(Exception):
    """What went wrong, as a sentence for the user."""


class Finished:
    """A program that ended well."""

    def __init__(self, output, seconds, memory, foreign):
        self.output = output
        self.seconds = seconds
        # The most memory in bytes, and the share of the machine's time that other programs used (None: not known).
        self.memory, self.foreign = memory, foreign


def busy_seconds():
    """Seconds that all cores together have worked since the start of the machine; Linux alone tells."""
    try:
        fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    except OSError:
        return None
    user, nice, system, _, _, interrupts, soft = fields[:7]
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def run(command, environment=None, limit=LIMIT):
    """Runs a program to its end.

    Raises Failure with the error among its messages when it fails or takes longer than `limit` seconds.
    """
    command = [str(part) for part in command]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as messages:
        busy, begin = busy_seconds(), time.perf_counter()
        try:
            process = subprocess.Popen(
                command, stdout=output, stderr=messages, stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})})
        except OSError as error:
            raise Failure(f"{command[0]} cannot be started ({error.strerror})") from None
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            process.kill()
            raise
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begin
        output.seek(0)
        messages.seek(0)
        if process.returncode:
            if seconds >= limit:
                raise Failure(f"took longer than {limit} s")
            lines = [line.strip() for line in messages.read().splitlines() if line.strip()]
            # The exception of Python and the error of Apus or pip, where there is one, may be followed by advice.
            named = [line for line in lines if re.match(r"(\w+\.)*\w*(Error|Exception)\b|error:|ERROR:", line)]
            reason = (named or lines or [f"ended with exit code {process.returncode} and no message"])[-1]
            raise Failure(reason.rstrip("."))
        foreign = None
        if busy is not None:
            others = busy_seconds() - busy - usage.ru_utime - usage.ru_stime
            foreign = max(0.0, others / (seconds * os.cpu_count()))
        # Kilobytes on Linux, bytes on macOS.
        unit = 1024 if os.uname().sysname == "Linux" else 1
        return Finished(output.read(), seconds, usage.ru_maxrss * unit, foreign)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def command(main, interrupted):
    """Runs a command of the harness; what goes wrong is one sentence and an exit code."""
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"error: {failure}.")
    except KeyboardInterrupt:
        sys.exit(f"error: {interrupted}.")
