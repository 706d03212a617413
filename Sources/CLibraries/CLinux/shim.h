#pragma once
// Linux calls that Swift's Glibc module leaves out. _GNU_SOURCE must not be defined here: it changes the layout of types
// that Glibc has imported without it (fd_set), and the compiler refuses two definitions. What glibc hides behind it and
// we need is declared below.
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
int sched_getaffinity(int process, size_t size, void *mask);

// prctl(2) takes a variable number of arguments, which Swift cannot pass.
static inline int martlet_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }
static inline int martlet_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }
