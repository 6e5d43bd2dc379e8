// batch.h - private to batch.c, jam.c, lane_loops.c, lane_class.c, pack.c and
// lanes.c.
#ifndef GRADCC_BATCH_H
#define GRADCC_BATCH_H

#include "optimize/passes.h"

// What a value is to the lanes that run side by side.
typedef enum LaneClass {
    LANE_UNIFORM, // the same for all
    LANE_SUM,     // what they add to, one after the other
    LANE_VARYING, // each has its own
} LaneClass;

// A loop over lanes, or the one whose iterations are to become lanes.
typedef struct Lanes {
    Function *function;
    Arena *arena; // of the pass
    const MemoryInfo *memory;
    const uint32_t *uses;
    Op *loop;
    uint32_t value_count; // of the function, when it was looked at
    uint8_t *classes;     // LaneClass, by value
    ObjectUse *objects;
    bool *own; // by object: each lane has its own copy
} Lanes;

// lane_loops.c: whether so many iterations of the loop could run together, as
// far as its head shows; and the walk over those that are candidates, outer
// ones first. try_loop gets lanes with all but classes, may change the
// function, and answers whether it has. Answers whether any has.
bool lanes_can_split(const Op *loop, int lanes);
bool lanes_visit(Function *function, bool (*is_candidate)(const Op *loop),
                 bool (*try_loop)(Lanes *lanes));
// Sets objects, and own to all false; false where iterations know an order.
bool lanes_find_uses(Lanes *lanes);
// Whether the primal's sums keep their order: what is added to each comes in
// the order of the iterations. After lanes_classify.
bool lanes_keep_sums(const Lanes *lanes);

// lane_class.c: sets the classes. False where a lane's way through the body
// hides a sum. objects: what iterations have to do with each; own: where they
// could have copies of their own; comes back as where they need them.
bool lanes_classify(Lanes *lanes);
LaneClass lane_class(const Lanes *lanes, const Value *value);
// Whether the operation is a loop or branch that all lanes go through together.
bool lanes_share_way(const Lanes *lanes, const Op *op);
// The load or store of a sum in memory that all lanes add to.
bool lanes_is_sum_access(const Lanes *lanes, const Op *op);

// pack.c: a load that a loop repeats, in places of a lane's own: the outermost
// such loop, and those between it and the load, outermost first, that tell the
// place.
enum { MOST_PACKED = 4 };
typedef struct Pack {
    const Op *around;
    const Op *inner[MOST_PACKED];
    uint32_t count;
} Pack;
bool pack_find(const Lanes *lanes, const Op *load, Pack *pack);
typedef struct Packed {
    Pack pack;
    const Value *address;
    Value *block; // what was read from there
} Packed;
typedef Vec(Packed) PackedLoads;
// Lets the load, in the loop over lanes inside `outer`, read what is read
// before the loop around; for this load, or for one of those that are known.
void pack_load(Arena *arena, PackedLoads *known, const Pack *pack, Op *load,
               Op *outer, Value *lane);

// batch.c: an element for each lane; and memory for such elements from before
// the loop to behind it, zeroed or not.
const Type *lanes_array_type(Module *module, const Type *type);
Value *lanes_take_block(Op *loop, const Type *type, Value *count, bool zeroed);

// lanes.c: moves the loop over the lanes inwards, around each stretch of
// straight-line code, and removes it.
void lanes_distribute(Lanes *lanes);

#endif
