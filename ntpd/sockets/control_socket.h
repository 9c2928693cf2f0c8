/*
 * The sockets of operators: the control socket, on which ntp-observe answers, and
 * beside it the one on which ntpd itself is asked for changes.
 */
#ifndef NTPD_CONTROL_SOCKET_H
#define NTPD_CONTROL_SOCKET_H

#include <sys/types.h>

#include <stdbool.h>

#include "ntpd/conf/conf.h"
#include "ntpd/file.h"

struct control_sockets {
	int fd;			  /* the control socket, -1: none */
	char path[CONF_PATH_LEN]; /* of it, configured or not */
	gid_t gid;		  /* -1: none */
	mode_t mode;
	struct file_id file;
	int change_fd;	     /* asks for changes, -1: none */
	bool change_guarded; /* the kernel lets no descriptor come there */
	char change_path[CONF_PATH_LEN];
	struct file_id change_file;
};

/*
 * Make those of the configuration.  What cannot be had is said in the log, and
 * left out; but where another ntpd has the control socket, and this one would set
 * the clock too, the process ends.
 */
void control_socket_open(
    struct control_sockets *c, const struct conf *conf, bool no_clock);

/* Remove their names, as far as they are still ours. */
void control_socket_remove(const struct control_sockets *c);

#endif
