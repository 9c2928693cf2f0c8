# The first ten of each system call that each program makes at its start, made to
# fail one at a time: as root, and as an ordinary user.
.PHONY: faults
faults: all
	BUILD=$(abspath $(BUILD)) FAULT_USER=root prove -v --exec python3 tests/faults/inject.py :: all
	BUILD=$(abspath $(BUILD)) FAULT_USER=user prove -v --exec python3 tests/faults/inject.py :: all
