// stack.c - room for deep recursion. libclang's parser and visitors recurse as
// deep as the source is nested, and overflow the usual stack on input that is
// nested thousands of times. The front end therefore runs on a stack of its
// own, of which only the touched pages cost memory.
#define _GNU_SOURCE // setenv
#include "frontend/internal.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct Job {
    void (*work)(void *);
    void *context;
} Job;

static void *run_job(void *data) {
    Job *job = data;
    job->work(job->context);
    return NULL;
}

void run_on_deep_stack(void (*work)(void *), void *context) {
    Job job = {work, context};
    pthread_attr_t attributes;
    pthread_t thread;
    // Or libclang would parse on a thread of its own, with a small stack.
    setenv("LIBCLANG_NOTHREADS", "1", 1);
    pthread_attr_init(&attributes);
    // Where not even that much address space is to be had, less must do.
    for (size_t size = (size_t)1 << 30; size >= (size_t)1 << 24; size /= 4) {
        if (pthread_attr_setstacksize(&attributes, size) == 0 &&
            pthread_create(&thread, &attributes, run_job, &job) == 0) {
            pthread_join(thread, NULL);
            pthread_attr_destroy(&attributes);
            return;
        }
    }
    pthread_attr_destroy(&attributes);
    work(context);
}
