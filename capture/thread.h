/* capture/thread.h - a thread beside those of the program. */
#ifndef ENIFLOW_CAPTURE_THREAD_H
#define ENIFLOW_CAPTURE_THREAD_H

#include <pthread.h>

/* As pthread_create(); signals are left to the threads that were there before. */
int capture_thread_start(pthread_t *thread, void *(*run)(void *ctx), void *ctx);

#endif
