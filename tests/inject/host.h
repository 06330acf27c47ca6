/* SPDX-License-Identifier: MIT */
/* A collectd that keeps what the plugin says and sends, and calls it. */
#ifndef BPFMEM_INJECT_HOST_H
#define BPFMEM_INJECT_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* Levels as collectd has them. */
enum { HOST_ERROR = 3, HOST_WARNING = 4, HOST_INFO = 6 };

/* Before anything else; registers the plugin. */
void host_start(void);
/* What collectd would do at start and stop; 0 or what the plugin returned. */
int host_config(const char *files, const char *hooks, unsigned tracked);
int host_init(void);
int host_shutdown(void);
/* Reads each probe that has registered one: a bit for each that failed. */
unsigned host_read(void);

bool host_reads(const char *probe);
/* Lines of that level or worse that contain the text. */
unsigned host_logged(int level, const char *text);
/* All lines, one after the other. */
const char *host_log(void);

/* Last values of all series whose identifier starts so, summed. */
uint64_t host_sum(const char *prefix);
/* A complaint about what was sent: a series went back, say. NULL: none. */
const char *host_complaint(void);

#endif
