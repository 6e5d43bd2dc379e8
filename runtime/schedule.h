// schedule.h - what the files of the checkpointing have in common, besides
// what gradrt.h declares.
#ifndef GRADRT_SCHEDULE_H
#define GRADRT_SCHEDULE_H

#include "gradrt.h"

// Ends in GRAD_ERROR_ARGUMENT unless 0 <= steps <= 2^40 and slots >= 1. Up to
// there, 64 bits suffice for all that is computed here.
void grad_check_counts_(int64_t steps, int64_t slots);

// a b / d, which must be whole; d^2 and b d must fit.
int64_t grad_muldiv_(int64_t a, int64_t b, int64_t d);

// The first advance of an optimal mixed schedule from a stored state, where
// `slots`, its own included, do not suffice to record all steps.
int64_t grad_mixed_split_(int64_t steps, int64_t slots);

// The optimal schedules for a memory of so many slots and a disk, in short.
typedef struct GradDiskTable_ GradDiskTable;

// A new table, to be freed by free().
GradDiskTable *grad_disk_table_(int64_t steps, int64_t slots, double write,
                                double read);

// The steps to advance from a state that the first sweep stores on the disk,
// and from one that was read from there; 0: all the rest in memory instead.
int64_t grad_disk_first_(const GradDiskTable *table, int64_t steps);
int64_t grad_disk_later_(const GradDiskTable *table, int64_t steps);

#endif
