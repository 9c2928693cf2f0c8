/*
 * Runs a fuzz target without libFuzzer: over the files that are given, or
 * those of the target's corpus in this folder, each a test of its own, and
 * over pseudo-random inputs.  So a corpus is replayed
 * under any compiler and sanitizer.  Prints TAP; the seed is printed too, and
 * an input that fails is written to stderr in hexadecimal.
 *
 *	TARGET [-n count] [-s seed] [-l length] [file ...]
 */
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX      (1U << 20)
#define COUNT_DEFAULT  20000
#define LENGTH_DEFAULT 1024
#define SEED_DEFAULT   1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t input[INPUT_MAX];
static size_t input_len;

static void
die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

/* The input that was running, with write(2) alone; then die as before. */
static void
on_abort(int sig)
{
	static const char digits[] = "0123456789abcdef";
	static const char title[] = "\n# the input that failed, hexadecimal: ";

	(void)!write(STDERR_FILENO, title, sizeof(title) - 1);
	for (size_t i = 0; i < input_len; i++) {
		char hex[2] = { digits[input[i] >> 4], digits[input[i] & 15] };

		(void)!write(STDERR_FILENO, hex, sizeof(hex));
	}
	(void)!write(STDERR_FILENO, "\n", 1);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void
read_input(const char *name)
{
	FILE *f = fopen(name, "rb");

	if (f == NULL)
		die("cannot open an input file");
	input_len = fread(input, 1, sizeof(input), f);
	if (ferror(f) || input_len == sizeof(input))
		die("cannot read an input file, or it is too long");
	(void)fclose(f); /* it was only read */
}

static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Half of the inputs have small numbers only, which reach other paths. */
static void
random_input(uint64_t *state, size_t length)
{
	uint8_t mask = next_random(state) % 2 == 0 ? 0xff : 0x1f;

	input_len = next_random(state) % (length + 1);
	for (size_t i = 0; i < input_len; i++)
		input[i] = (uint8_t)(next_random(state) & mask);
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t v = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		die("usage: TARGET [-n count] [-s seed] [-l length] [file ...]");
	return v;
}

/* The files of a target, which is called NAME.t; none is no error. */
static void
find_corpus(const char *program, glob_t *files)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;
	char pattern[256];

	(void)snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%.*s/*",
	    (int)strcspn(name, "."), name);
	if (glob(pattern, 0, NULL, files) == GLOB_NOSPACE)
		die("out of memory");
}

static void
run_files(char **files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		read_input(files[i]);
		(void)LLVMFuzzerTestOneInput(input, input_len);
		printf("ok %zu - %s\n", i + 1, files[i]);
	}
}

int
main(int argc, char **argv)
{
	glob_t corpus = { .gl_pathc = 0 };
	size_t files;
	uint64_t count = COUNT_DEFAULT, seed = SEED_DEFAULT, state;
	uint64_t length = LENGTH_DEFAULT;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:l:")) != -1) {
		if (opt == 'n')
			count = number(optarg);
		else if (opt == 's')
			seed = number(optarg);
		else if (opt == 'l' && number(optarg) < INPUT_MAX)
			length = number(optarg);
		else
			die("usage: TARGET [-n count] [-s seed] [-l length] "
			    "[file ...]");
	}
	(void)signal(SIGABRT, on_abort);
	if (optind == argc)
		find_corpus(argv[0], &corpus);
	files = optind < argc ? (size_t)(argc - optind) : corpus.gl_pathc;
	printf("1..%zu\n", files + 1);
	run_files(optind < argc ? argv + optind : corpus.gl_pathv, files);
	globfree(&corpus);
	printf("# seed %" PRIu64 "\n", seed);
	(void)fflush(stdout);
	state = seed;
	for (uint64_t i = 0; i < count; i++) {
		random_input(&state, length);
		(void)LLVMFuzzerTestOneInput(input, input_len);
	}
	printf("ok %zu - %" PRIu64 " pseudo-random inputs\n", files + 1, count);
	return 0;
}
