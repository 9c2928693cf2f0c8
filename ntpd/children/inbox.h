/* Messages from the children. */
#ifndef NTPD_INBOX_H
#define NTPD_INBOX_H

struct supervisor;

/* Read a child's messages and act on them, at most a bounded number. */
void inbox_read(struct supervisor *s, int child);

#endif
