/*
 * The sockets for operators: the control socket, on which ntp-observe answers,
 * and beside it the change socket, on which ntpd itself accepts requests for
 * changes.
 */
#ifndef NTPD_CONTROL_SOCKET_H
#define NTPD_CONTROL_SOCKET_H

#include <sys/types.h>

#include <stdbool.h>

#include "ntpd/conf/conf.h"
#include "ntpd/file.h"

struct control_sockets {
	int fd;			  /* the control socket, -1: none */
	char path[CONF_PATH_LEN]; /* its path, configured or not */
	gid_t gid;		  /* -1: none */
	mode_t mode;
	struct file_id file;
	int change_fd;	     /* the change socket, -1: none */
	bool change_guarded; /* the kernel refuses descriptors on it */
	char change_path[CONF_PATH_LEN];
	struct file_id change_file;
};

/*
 * Make those of the configuration.  One that cannot be made is logged and left
 * out.  But if another ntpd has the control socket, and this one would set the
 * clock too, the process ends.
 */
void control_socket_open(
    struct control_sockets *c, const struct conf *conf, bool no_clock);

/* Remove their names, if they are still ours. */
void control_socket_remove(const struct control_sockets *c);

#endif
