# Make each program's system calls at its start fail, one at a time, the first
# ten of each kind: as root, and as an ordinary user.
.PHONY: faults
faults: all
	BUILD=$(abspath $(BUILD)) FAULT_USER=root prove -v --exec python3 tests/faults/inject.py :: all
	BUILD=$(abspath $(BUILD)) FAULT_USER=user prove -v --exec python3 tests/faults/inject.py :: all
