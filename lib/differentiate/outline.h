// outline.h - what outline.c and state.c share while they make a step of a
// checkpointed loop's body.
#ifndef GRADCC_DIFFERENTIATE_OUTLINE_H
#define GRADCC_DIFFERENTIATE_OUTLINE_H

#include "differentiate/derive.h"

typedef struct Outline {
    Derive *d;
    const MemoryInfo *memory;
    Checkpoint *checkpoint;
    Op *marker, *loop;
    Op *outer; // the marked loop around it, whose step it will be a part of
    Vec(Value *) captured;
    uint32_t *groups; // of the captured ones, as in Param
    PtrMap *seen;
    PtrMap *flat; // pointers that the step is given instead of ones to rows
    ValueMap map; // values of the function to those of the step
    uint32_t object;
} Outline;

void outline_complain(Outline *o, const char *message, const char *way_out);
// state.c: appends the state's pieces to the marker.
void outline_find_state(Outline *o);
// Whether the loop's body may reach the object.
bool state_reaches(Outline *o, const MemObject *object);
void outline_add_piece(Outline *o, Value *pointer, Value *bytes);
// The bytes of so many elements of the type; of one, if count is NULL.
Value *outline_bytes(Builder *b, const Type *type, Value *count);

// rows.c: replaces captured pointers to arrays of computed length, in the body,
// by what is made there of flat pointers and the lengths.
void rows_flatten(Outline *o);

#endif
