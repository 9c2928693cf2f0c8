#!/usr/bin/python3
"""One system call fails at the start of the daemon: does it recover?

inject.py all | few | WHO:CALL:N ...

WHO is ntpd, or one of its programs, whose first process is then the one that
it happens to; CALL is a system call, N says which of them.  strace(1) makes it
fail.  The daemon must be in sync with its server, answer ntpctl(8) and its own
clients within 10 s of its start, or end with an exit status that is not 0 and a
reason.

Some run at once, since most of the time they wait.  What is not right then is run
again alone, and that counts; so does the time.  Where a start without any fault
takes longer than 4 s, the machine has other work: the limit is longer in that
proportion, and said.

"all" finds out which calls there are, and tries the first ten of each; "few"
those that are worth it every time.  The result is TAP.

A program's own filter ends it where strace makes a call fail, since what is
left of that call is one that no filter knows.  That is one way to die, too; and
what a program makes of an error behind its filter is for the unit tests.

BUILD: where the programs are; FAULT_USER: "root" or "user"; FAULT_JOBS.
"""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
JOBS = int(os.environ.get("FAULT_JOBS", "4"))
USER = os.environ.get("FAULT_USER", "root" if os.geteuid() == 0 else "user")
CHILDREN = ["ntp-clock", "ntp-net", "ntp-resolve", "ntp-serve", "ntp-observe"]
PROGRAMS = ["ntpd"] + CHILDREN
LIMIT_S = 10
UNDISTURBED_S = 4
FIRST = 10  # calls of a kind
NOBODY = 65534
STRACE = shutil.which("strace")

# What a call fails with when the machine is short of something.
ERRORS = {
    "EAGAIN": "clone clone3 fork vfork setuid setgid setresuid setresgid",
    "EMFILE": "openat open socket socketpair accept4 dup2 dup3 pipe2 "
              "memfd_create landlock_create_ruleset",
    "ENOBUFS": "sendto sendmsg sendmmsg",
    "ENOSPC": "write fallocate",
    "EIO": "fsync read pread64 renameat unlinkat",
}
# Without these there is no end; and brk(2) returns no error, but the old end,
# which strace(1) cannot play.
NEVER = {"exit_group", "exit", "rt_sigreturn", "restart_syscall", "brk"}

# Those that had ended the daemon or left a part of it out, or could.  From each
# it recovers.
FEW = """
ntpd:socketpair:1 ntpd:socketpair:3 ntpd:socketpair:5 ntpd:socketpair:8
ntpd:clone:1 ntpd:clone:4 ntpd:ppoll:1 ntpd:ppoll:3 ntpd:recvmsg:2
ntpd:sendmsg:1 ntpd:sendmsg:9 ntpd:memfd_create:1 ntpd:memfd_create:2
ntpd:memfd_create:3 ntpd:memfd_create:4 ntpd:timerfd_create:1 ntpd:wait4:1
ntpd:socket:3 ntpd:bind:2 ntpd:bind:4 ntpd:ftruncate:1 ntpd:fcntl:3
ntpd:listen:1 ntpd:fchmod:3 ntpd:access:2
ntp-clock:mmap:1 ntp-clock:prctl:1 ntp-net:openat:1 ntp-net:mmap:3
ntp-resolve:openat:2 ntp-serve:mmap:1 ntp-serve:getrandom:1 ntp-serve:poll:1
ntp-observe:recvmsg:1 ntp-serve:setresuid:1 ntp-net:seccomp:1
""".split()

# The dynamic loader dies of it, before the first instruction of ours.
NOT_OURS = {"ntpd:mmap:1"}


def error_of(call):
    for error, calls in ERRORS.items():
        if call in calls.split():
            return error
    return "ENOMEM"


def free_port(taken=set()):
    """A UDP port of loopback that nobody has, and that was not given before."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in taken:
            taken.add(port)
            return port


def configure(folder, text):
    path = os.path.join(folder, "conf")
    with open(path, "w", encoding="ascii") as f:
        f.write(f'{text}\ncontrol socket "{folder}/sock"\n'
                f'state directory "{folder}/state"\n')
    return path


def become_user():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


class Bench:
    """What all cases share: a server of the time, and copies of the programs."""

    def __init__(self, top):
        self.top = top
        self.change = become_user if USER == "user" and os.geteuid() == 0 \
            else None
        self.programs = os.path.join(top, "bin")
        self.folder(self.programs)
        for p in PROGRAMS + ["ntpctl"]:
            path = shutil.copy(os.path.join(BUILD, p), self.programs)
            if self.change: # or it may make no links to it
                os.chown(path, NOBODY, NOBODY)
        self.port = free_port()
        folder = self.folder(os.path.join(top, "server"))
        conf = configure(folder, "local stratum 3\n"
                         f"listen on 127.0.0.1 port {self.port}\n")
        self.server = self.start([os.path.join(BUILD, "ntpd"), "-d", "-x",
                                  "-f", conf], folder)

    def folder(self, path):
        os.mkdir(path)
        os.chmod(path, 0o755)
        if self.change:
            os.chown(path, NOBODY, NOBODY)
        return path

    def start(self, command, folder):
        with open(os.path.join(folder, "log"), "wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, cwd=folder,
                                    preexec_fn=self.change)


def wrapper(folder, program, real, injection):
    """The first time under strace; it makes way for the program itself."""
    path = os.path.join(folder, "bin", program)
    with open(path, "w", encoding="ascii") as f:
        f.write(f"#!/bin/sh\nln {real} {path}.new && mv {path}.new {path} &&\n"
                f"exec {STRACE} -o {folder}/trace {injection} {real}\n")
    os.chmod(path, 0o755)


def command_of(bench, folder, who, injection):
    """How the daemon is started, so that this happens to this program."""
    conf = configure(folder, f"server 127.0.0.1 port {bench.port} "
                     "poll 1s to 1s\nworkers 1\n"
                     f"listen on 127.0.0.1 port {free_port()}")
    ntpd = os.path.join(bench.programs, "ntpd")
    prefix = []
    if who == "ntpd":
        prefix = [STRACE, "-o", f"{folder}/trace"] + injection.split()
    else:
        mine = bench.folder(os.path.join(folder, "bin"))
        for p in PROGRAMS:
            os.link(os.path.join(bench.programs, p), os.path.join(mine, p))
        os.unlink(os.path.join(mine, who))
        wrapper(folder, who, os.path.join(bench.programs, who), injection)
        ntpd = os.path.join(mine, "ntpd")
    return prefix + [ntpd, "-d", "-x", "-f", conf]


def served(folder):
    """Does ntp-serve answer one of its clients, in sync?"""
    with open(os.path.join(folder, "conf"), encoding="ascii") as f:
        port = int(re.search(r"listen on \S+ port (\d+)", f.read()).group(1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        try:
            s.connect(("127.0.0.1", port))
            s.send(b"\x23" + bytes(39) + os.urandom(8))
            answer = s.recv(512)
        except OSError:
            return False
    return len(answer) == 48 and answer[1] == 4


def works(bench, folder):
    asked = subprocess.run([os.path.join(bench.programs, "ntpctl"), "-s",
                            f"{folder}/sock", "-j", "status"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           check=False)
    try:
        status = json.loads(asked.stdout)
    except ValueError:
        return False
    running = [p["name"] for p in status.get("processes", []) if p["pid"] != 0]
    return status.get("synchronized", False) and set(PROGRAMS) <= set(running) and \
        served(folder)


def process_of(tracer):
    """ntpd, where strace was started in its place."""
    try:
        with open(f"/proc/{tracer}/task/{tracer}/children",
                  encoding="ascii") as f:
            return int(f.read().split()[0])
    except (OSError, IndexError, ValueError):
        return None


def finish(daemon, traced):
    pid = process_of(daemon.pid) if traced else daemon.pid
    if pid is not None and daemon.poll() is None:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    try:
        daemon.wait(5)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def reason(folder):
    """The last line of the log that says that something is wrong."""
    with open(os.path.join(folder, "log"), encoding="utf-8",
              errors="replace") as f:
        lines = [x.strip() for x in f if " info: " not in x]
    return lines[-1] if lines else ""


class Result:
    """What became of one start; took_s is None where it did not recover."""

    def __init__(self, ok, said, took_s=None):
        self.ok = ok
        self.said = said
        self.took_s = took_s
        self.folder = None
        self.happened = False


def watch(bench, folder, daemon, limit_s):
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        if daemon.poll() is not None:
            why = reason(folder)
            return Result(daemon.returncode != 0 and why != "",
                          f"ends with status {daemon.returncode}: {why}")
        if works(bench, folder):
            took_s = time.monotonic() - began
            return Result(True, f"works after {took_s:.1f} s", took_s)
        time.sleep(0.1)
    return Result(False, f"not in {limit_s:.1f} s: {reason(folder)}")


def run(bench, number, who, injection, limit_s):
    folder = bench.folder(os.path.join(bench.top, str(number)))
    bench.folder(os.path.join(folder, "state"))
    daemon = bench.start(command_of(bench, folder, who, injection), folder)
    try:
        result = watch(bench, folder, daemon, limit_s)
    finally:
        finish(daemon, who == "ntpd")
    result.folder = folder
    return result


def trace_of(folder):
    try:
        with open(os.path.join(folder, "trace"), encoding="utf-8",
                  errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def fault(bench, number, case, limit_s, few):
    who, call, n = case.split(":")
    result = run(bench, number, who, f"-e trace={call} -e "
                 f"inject={call}:error={error_of(call)}:when={n}", limit_s)
    if few and result.took_s is None:
        result.ok = False
    if case in NOT_OURS and result.said.startswith("ends"):
        result.ok = True
        result.said += "the loader, before the first instruction of ours"
    result.happened = "(INJECTED)" in trace_of(result.folder)
    if result.ok and not os.environ.get("KEEP"):
        shutil.rmtree(result.folder, ignore_errors=True)
    return result


def calls_of(bench, number, who):
    """What it calls until all is well, the first ten of each kind."""
    result = run(bench, number, who, "-qq", 60)
    if not result.ok:
        sys.exit(f"Bail out! {who} under strace: {result.said}")
    count = {}
    for line in trace_of(result.folder).splitlines():
        call = re.match(r"([a-z0-9_]+)\(", line)
        if call and call.group(1) not in NEVER:
            count[call.group(1)] = count.get(call.group(1), 0) + 1
    return [f"{who}:{c}:{n + 1}" for c in sorted(count)
            for n in range(min(FIRST, count[c]))]


def limit(bench):
    """The limit, longer on a machine that is busy with something else."""
    number = f"undisturbed-{time.monotonic_ns()}"
    result = run(bench, number, "ntpd", "-qq", 60)
    if not result.ok:
        sys.exit(f"Bail out! without any fault: {result.said}")
    limit_s = LIMIT_S * max(1, result.took_s / UNDISTURBED_S)
    print(f"# without any fault it {result.said}, the limit is {limit_s:.1f} s")
    return limit_s


def tell(number, case, result):
    skip = "" if result.happened else " # SKIP it makes fewer such calls"
    print(f"{'ok' if result.ok else 'not ok'} {number} - {USER} {case}: "
          f"{result.said}{skip}", flush=True)


def summary(cases, results):
    """How many recovered, how many ended, and the slowest of them."""
    took = sorted((r.took_s, c) for c, r in zip(cases, results)
                  if r.happened and r.took_s is not None)
    ends = sum(r.happened and r.ok and r.took_s is None for r in results)
    print(f"# {len(took)} recovered, {ends} ended and said why")
    for took_s, case in took[:-6:-1]:
        print(f"# of the slowest: {case} {took_s:.1f} s")


def try_all(bench, cases, few):
    """Returns how many are not right."""
    print(f"1..{len(cases)}", flush=True)
    limit_s = limit(bench)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(
            lambda x: fault(bench, x[0], x[1], limit_s, few),
            enumerate(cases, 1)))
    if not all(r.ok for r in results):
        limit_s = limit(bench)
    for i, case in enumerate(cases):
        if not results[i].ok:
            print(f"# {case}: {results[i].said}; again, alone", flush=True)
            results[i] = fault(bench, f"{i + 1}-again", case, limit_s, few)
        tell(i + 1, case, results[i])
    summary(cases, results)
    return sum(not r.ok for r in results)


def main():
    if not STRACE:
        print("1..0 # SKIP there is no strace")
        return 0
    top = tempfile.mkdtemp(prefix="ntpd-faults.")
    os.chmod(top, 0o755)
    bench = Bench(top)
    bad = 0
    try:
        wanted = sys.argv[1:]
        if wanted == ["few"]:
            wanted = FEW
        if wanted == ["all"]:
            wanted = [c for p in PROGRAMS
                      for c in calls_of(bench, f"calls-{p}", p)]
        bad = try_all(bench, wanted, wanted is FEW)
    finally:
        bench.server.terminate()
        bench.server.wait()
        if not bad and not os.environ.get("KEEP"):
            shutil.rmtree(top, ignore_errors=True)
        else:
            print(f"# see {top}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
