/*
 * Tables and paragraphs that fit a terminal, see show.h.  Part of ntpctl.
 */
#include "ntp-net/ctl/show.h"

#include <string.h>

#include "ntp-net/ctl/text.h"

void
show_colour(const struct show *s, enum colour c)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[32m",
		"\033[33m", "\033[31m" };

	if (s->colour)
		fputs(codes[c], s->out);
}

void
show_pad(const struct show *s, size_t n)
{
	for (; n > 0; n--)
		fputc(' ', s->out);
}

static const char *
cell_at(const struct table *t, size_t row, size_t col)
{
	return col == 0 && t->first[row][0] != '\0' ? t->first[row]
						    : t->cell[row][col];
}

/* Print the columns from first on; it is 1 if column 0 has its own line. */
static void
print_row(const struct show *s, const struct table *t, size_t row,
    const size_t width[SHOW_COLUMNS], size_t first)
{
	for (size_t col = first; col < t->columns; col++) {
		const char *text = cell_at(t, row, col);
		size_t blanks = width[col] - text_width(text);
		bool right = (t->right >> col & 1) != 0;

		if (right)
			show_pad(s, blanks);
		fputs(text, s->out);
		if (!right && col + 1 < t->columns)
			show_pad(s, blanks);
		if (col + 1 < t->columns)
			show_pad(s, 2);
	}
	fputc('\n', s->out);
}

/* The total width of the columns from this one on. */
static size_t
width_from(
    const struct table *t, const size_t width[SHOW_COLUMNS], size_t first)
{
	size_t sum = 0;

	for (size_t col = first; col < t->columns; col++)
		sum += width[col] + (col > first ? 2 : 0);
	return sum;
}

/* Print the row as a list: "received 5, answered 3". */
static void
print_list(const struct show *s, const struct table *t, size_t row)
{
	char text[SHOW_COLUMNS * (2 * TEXT_SHORT + 4)] = "";
	size_t n = 0;

	for (size_t col = 1; col < t->columns && n < sizeof(text); col++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s",
		    col > 1 ? ", " : "", t->cell[0][col], t->cell[row][col]);
	show_pad(s, 2);
	show_words(s, 2, text);
}

void
show_table(const struct show *s, const struct table *t)
{
	size_t width[SHOW_COLUMNS] = { 0 };
	bool narrow, list;

	for (size_t row = 0; row < t->rows; row++)
		for (size_t col = 0; col < t->columns; col++)
			if (text_width(cell_at(t, row, col)) > width[col])
				width[col] = text_width(cell_at(t, row, col));
	narrow = width_from(t, width, 0) > SHOW_WIDTH;
	list = 2 + width_from(t, width, 1) > SHOW_WIDTH;
	for (size_t row = list ? 1 : 0; row < t->rows; row++) {
		show_colour(s, t->colour[row]);
		if (narrow || list)
			fprintf(s->out, "%s\n", cell_at(t, row, 0));
		if (narrow && !list)
			show_pad(s, 2);
		if (list)
			print_list(s, t, row);
		else
			print_row(s, t, row, width, narrow ? 1 : 0);
		show_colour(s, PLAIN);
	}
}

/* Length of the word at s, with what is attached to it. */
static size_t
word_length(const char *s)
{
	return strcspn(s, " ");
}

void
show_words(const struct show *s, size_t column, const char *text)
{
	size_t at = column;

	for (bool first = true; *text != '\0'; first = false) {
		char word[REASON_LEN * 4];
		size_t n = word_length(text), width;

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, text);
		width = text_width(word);
		if (!first && at + 1 + width > SHOW_WIDTH) {
			fputc('\n', s->out);
			show_pad(s, column);
			at = column;
		} else if (!first) {
			fputc(' ', s->out);
			at++;
		}
		fwrite(text, 1, n, s->out);
		at += width;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', s->out);
}

void
show_head(
    struct table *t, const char *const *names, size_t columns, uint32_t right)
{
	t->columns = columns;
	t->rows = 1;
	t->right = right;
	t->colour[0] = BOLD;
	for (size_t i = 0; i < SHOW_ROWS; i++)
		t->first[i][0] = '\0';
	for (size_t i = 0; i < columns; i++)
		(void)snprintf(t->cell[0][i], TEXT_SHORT, "%s", names[i]);
}
