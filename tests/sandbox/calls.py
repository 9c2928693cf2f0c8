#!/usr/bin/python3
"""calls.py TRACE ROOT: compare strace -f's output with the profiles.

For each program: the calls that it made after its own filter was loaded, and
the rows of its profile.c that allow others.  A row for a call that was not
seen needs the word "unseen:" in the comment above it.  ntpd's filter is that of
all it starts, so what children do before their own filter counts as ntpd's, and
so does all that they do after it.  No call of ours may be refused, where that
does not end the process: what a program then does instead is not what is meant.
"""
import re
import sys

PROFILES = {
    "ntpd": "ntpd/profile.c",
    "ntp-clock": "ntp-clock/profile.c",
    "ntp-net": "ntp-net/poll/profile.c",
    "ntp-resolve": "ntp-net/resolve/profile.c",
    "ntp-serve": "ntp-net/serve/profile.c",
    "ntp-observe": "ntp-net/observe/profile.c",
}
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)")
LOADED = re.compile(r"SECCOMP_SET_MODE_FILTER.*= 0$")
REFUSED = re.compile(r"= -1 ENOSYS")
ROW = re.compile(r"\b(ALLOW|FAIL|KILL)(?:_\w+)?\((\w+)")


def used_calls(trace):
    """Calls by program, after its own filter and under that of ntpd, and those
    that were refused."""
    program, filtered, loading, refused = {}, set(), {}, set()
    used = {name: set() for name in PROFILES}
    main = None
    for line in trace:
        m = LINE.match(line)
        if m is None:
            continue
        pid, call, how, rest = m.groups()
        main = main or pid
        name = program.get(pid, "ntpd")
        if how == "(":
            if pid in filtered and name != "ntpd":
                used[name].add(call)
            if main in filtered:
                used["ntpd"].add(call)
        if REFUSED.search(rest):
            refused.add(f"{name}: {call}")
        if call == "execve":
            path = re.match(r'"[^"]*/([^"/]+)"', rest)
            if path:
                program[pid] = path.group(1)
        if call in ("seccomp", "prctl"):
            whole = loading.pop(pid, "") + rest
            if LOADED.search(whole):
                filtered.add(pid)
            elif "unfinished" in rest:
                loading[pid] = rest
    return used, refused


def rows(path):
    """(call, is it allowed, the comment above) of each row."""
    comment, inside, found = "", False, []
    text = open(path).read()
    begin = text.index("struct sandbox_rule rules[]")
    for line in text[begin:text.index("\n};", begin)].split("\n"):
        text = line.strip()
        if text.startswith("/*"):
            comment, inside = "", True
        if inside:
            comment += text + " "
            inside = "*/" not in text
            continue
        for what, call in ROW.findall(line):
            found.append((call, what == "ALLOW", comment))
    return found


def main():
    used, refused = used_calls(open(sys.argv[1]))
    bad = bool(refused)
    for what in sorted(refused):
        print(f"{what}: refused")
    for name, path in PROFILES.items():
        unseen, allowed = {}, set()
        for call, allow, comment in rows(f"{sys.argv[2]}/{path}"):
            if not allow:
                continue
            allowed.add(call)
            if call in used[name]:
                continue
            reasoned = "unseen:" in comment
            unseen[call] = unseen.get(call, True) and reasoned
        print(f"{name}: {len(used[name])} of {len(allowed)} calls seen")
        if not used[name]:
            print(f"{name}: nothing was seen at all")
            bad = 1
        for call in sorted(unseen):
            print(f"{name}: unseen: {call}"
                  + ("" if unseen[call] else ": without a reason"))
            bad = bad or not unseen[call]
        if "-v" in sys.argv:
            print(f"{name}: seen: {' '.join(sorted(used[name]))}")
    return int(bad)


sys.exit(main())
