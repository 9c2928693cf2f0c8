/*
 * What the children say.
 */
#ifndef NTPD_INBOX_H
#define NTPD_INBOX_H

struct supervisor;

/* Read and act on what a child says, a bounded number of messages. */
void inbox_read(struct supervisor *s, int child);

#endif
