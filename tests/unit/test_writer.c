/*
 * The files of a recording, as ntp-net writes them: without files nothing is
 * done; what happens at their limits and on a full disk; and that any other
 * trouble ends only the recording.  The simulator's reader checks their
 * content.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/poll/record/writer.h"
#include "tests/sim/reader.h"
#include "tests/tap.h"

#define LIMIT (256 * 1024)

static struct net net;
static struct parts parts;
static struct writer writer;
static struct writer_files records;
static int files[RECORD_FILES]; /* the same; the process keeps them */
static int64_t raw_ns = NS_PER_S;

struct clock_pair
clock_read_pair(struct timeline *tl)
{
	(void)tl;
	return (struct clock_pair){ .raw_ns = raw_ns, .real_ns = raw_ns };
}

int64_t
clock_read_monotonic(void)
{
	return raw_ns; /* for the log */
}

/* Two empty files in memory, on ntp-net's descriptors. */
static void
make_files(uint64_t limit)
{
	records.given = true;
	for (int i = 0; i < RECORD_FILES; i++) {
		int fd = memfd_create("record", MFD_CLOEXEC);

		files[i] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		if (fd == -1 || files[i] == -1)
			err(1, "memfd_create");
		if (fd != EXTRA_FD + i &&
		    (dup2(fd, EXTRA_FD + i) == -1 || close(fd) == -1))
			err(1, "dup2");
		if (fcntl(EXTRA_FD + i, F_SETFL, O_APPEND) == -1)
			err(1, "fcntl");
		records.file[i] = (struct msg_record){ .limit_bytes = limit,
			.newer = i == 0 };
	}
}

static size_t
size_of(int i)
{
	struct stat st;

	return fstat(files[i], &st) == 0 ? (size_t)st.st_size : 0;
}

static void
read_files(void)
{
	memset(&parts, 0, sizeof(parts));
	for (int i = 0; i < RECORD_FILES; i++) {
		size_t len = size_of(i);
		uint8_t *p = malloc(len + 1);

		if (p == NULL || pread(files[i], p, len, 0) != (ssize_t)len)
			err(1, "read");
		reader_scan(&parts, i == 0 ? "first" : "second", p, len);
	}
	reader_sort(&parts);
}

/* Items that take about this many octets. */
static void
put_bytes(size_t bytes)
{
	static struct item it = { .kind = ITEM_PIECE };

	it.u.piece.len = ITEM_PIECE_MAX;
	memset(it.u.piece.bytes, 1, sizeof(it.u.piece.bytes));
	for (; bytes > ITEM_PIECE_MAX; bytes -= ITEM_PIECE_MAX)
		writer_put(&writer, &it);
}

static void
test_none(void)
{
	writer_open(&writer, &records);
	OK(!writer_runs(&writer), "without files nothing is recorded");
	put_bytes(LIMIT);
	writer_turn(&writer, &net);
	OK(!writer_runs(&writer), "and nothing is done");
}

static void
test_turns(void)
{
	make_files(LIMIT);
	writer_open(&writer, &records);
	IS_I64(size_of(0), HEAD_LEN, "it begins with a head");
	put_bytes(10000);
	IS_I64(size_of(0), HEAD_LEN, "what is put waits");
	writer_turn(&writer, &net);
	OK(size_of(0) > 8000, "until the turn is over");
	writer_turn(&writer, &net);
	read_files();
	OK(parts.count == 1 && parts.wrong == NULL &&
		parts.part[0].wrong == NULL && parts.part[0].blocks == 1,
	    "a turn is a block, an empty turn is nothing");
}

static void
test_full(void)
{
	make_files(LIMIT);
	writer_open(&writer, &records);
	for (int i = 0; i < 100; i++) {
		put_bytes(20000);
		writer_turn(&writer, &net);
		OK(size_of(0) <= LIMIT && size_of(1) <= LIMIT,
		    "turn %d: within the bound", i);
	}
	read_files();
	OK(writer_runs(&writer) && parts.count == 2 && parts.wrong == NULL &&
		parts.part[0].head.snapshot == 1 && reader_goes_on(&parts, 1),
	    "the last two parts are there, and go on in each other");
}

static void
test_long_turn(void)
{
	make_files(LIMIT);
	writer_open(&writer, &records);
	put_bytes(2 * LIMIT);
	OK(size_of(0) <= LIMIT, "a turn that is too long is within the bound");
	writer_turn(&writer, &net);
	put_bytes(10000);
	writer_turn(&writer, &net);
	read_files();
	OK(writer_runs(&writer) && parts.count == 2 && parts.wrong == NULL &&
		parts.part[1].head.snapshot == 1 && !reader_goes_on(&parts, 1),
	    "after it the other file begins anew, with a gap");
}

static void
test_again(void)
{
	make_files(LIMIT);
	records.file[0].used_bytes = LIMIT - 1000;
	records.file[1].used_bytes = 1000;
	records.file[0].newer = 1;
	if (ftruncate(files[1], 1000) == -1)
		err(1, "ftruncate");
	writer_open(&writer, &records);
	IS_I64(size_of(1), HEAD_LEN, "a file that is full leads to the other");
	records.file[0].used_bytes = 2 * LIMIT;
	records.file[0].newer = 0;
	records.file[1] = (struct msg_record){
		.used_bytes = HEAD_LEN, .limit_bytes = LIMIT, .newer = 1
	};
	if (ftruncate(files[0], 2 * LIMIT) == -1)
		err(1, "ftruncate");
	writer_open(&writer, &records);
	IS_I64(size_of(1), 2 * HEAD_LEN, "the newer one is appended to");
	IS_I64(size_of(0), 0, "one that is too large is emptied");
}

static void
test_trouble(void)
{
	make_files(LIMIT);
	writer_open(&writer, &records);
	put_bytes(10000);
	if (close(EXTRA_FD) == -1)
		err(1, "close");
	writer_turn(&writer, &net);
	OK(!writer_runs(&writer),
	    "a file that cannot be written ends the recording");
	put_bytes(10000);
	writer_turn(&writer, &net);
	OK(!writer_runs(&writer), "for good");
}

/* Limit the size of files: as on a full disk. */
static void
set_room(rlim_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == -1)
		err(1, "getrlimit");
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    setrlimit(RLIMIT_FSIZE, &limit) == -1)
		err(1, "setrlimit");
}

static void
test_no_room(void)
{
	size_t before;

	make_files(LIMIT);
	writer_open(&writer, &records);
	put_bytes(10000);
	writer_turn(&writer, &net);
	before = size_of(0);
	set_room(before + 5000);
	put_bytes(10000);
	writer_turn(&writer, &net);
	IS_I64(size_of(0), (int64_t)before,
	    "on a full disk no part of a block stays");
	set_room(RLIM_INFINITY);
	put_bytes(10000);
	writer_turn(&writer, &net);
	IS_I64(size_of(0), (int64_t)before, "it is not tried again at once");
	set_room(before + HEAD_LEN + 20);
	raw_ns += 60 * NS_PER_S;
	writer_turn(&writer, &net);
	IS_I64(size_of(0), (int64_t)before, "a minute later it is, in vain");
	set_room(RLIM_INFINITY);
	raw_ns += 60 * NS_PER_S;
	writer_turn(&writer, &net);
	put_bytes(10000);
	writer_turn(&writer, &net);
	read_files();
	OK(writer_runs(&writer) && parts.count == 2 && parts.wrong == NULL &&
		parts.part[0].wrong == NULL && parts.part[1].wrong == NULL &&
		parts.part[1].head.snapshot == 1 && parts.part[1].blocks > 0 &&
		!reader_goes_on(&parts, 1),
	    "once there is room it goes on behind that, with a gap");
}

static void
test_small(void)
{
	/* Not zeros: its snapshot is as large as it is. */
	memset(&net, 1, sizeof(net));
	make_files(LIMIT);
	writer_open(&writer, &records);
	put_bytes(LIMIT);
	writer_turn(&writer, &net);
	OK(!writer_runs(&writer) && size_of(1) <= LIMIT,
	    "a bound below the size of a snapshot ends the recording");
}

/* Each in a process of its own, since the writer is static. */
static int
run(void (*test)(void))
{
	int status;
	pid_t pid;

	(void)fflush(stdout); /* or both would write it */
	pid = fork();
	if (pid == 0) {
		test();
		(void)fflush(stdout); /* it is a pipe or a terminal */
		_exit(tap_failed == 0 ? tap_count : 255);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(1, "fork");
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
		tap_failed++;
	else
		tap_count = WEXITSTATUS(status);
	return tap_failed;
}

int
main(void)
{
	void (*const tests[])(void) = { test_none, test_turns, test_full,
		test_long_turn, test_again, test_trouble, test_no_room,
		test_small };

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (run(tests[i]) != 0)
			break;
	return DONE();
}
