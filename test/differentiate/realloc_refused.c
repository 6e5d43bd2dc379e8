// A block that comes from elsewhere has derivative memory that cannot grow.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: not ls %t.c
#include <stdlib.h>

struct list {
    int size;
    double *data;
};

// CHECK: realloc_refused.c:[[@LINE+5]]:5: error: the block that is reallocated here carries derivatives, and was not allocated in this function
// CHECK: realloc_refused.c:[[@LINE+4]]:5: note: allocate a new block and copy
// CHECK-NOT: error:
#pragma grad wrt(x) of(list)
void push(struct list *list, double x) {
    list->data = realloc(list->data, (list->size + 1) * sizeof *list->data);
    list->data[list->size++] = x * x;
}

// What is passive may come from anywhere.
#pragma grad wrt(x)
double counted(int **count, double x) {
    *count = realloc(*count, 2 * sizeof **count);
    (*count)[1] = 3;
    return x * (*count)[1];
}
