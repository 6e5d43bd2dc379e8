// map.c - hash maps with open addressing: pointers or strings to pointers.
#include "support/support.h"

#include <string.h>

typedef struct Entry {
    const void *key;
    void *value;
} Entry;

typedef uint64_t (*HashFn)(const void *key);
typedef bool (*EqualFn)(const void *a, const void *b);

typedef struct Table {
    Arena *arena;
    Entry *entries;
    size_t count, capacity; // capacity is zero or a power of two
} Table;

struct PtrMap {
    Table table;
};
struct StrMap {
    Table table;
};

static uint64_t mix(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdU;
    x ^= x >> 33;
    return x;
}

static uint64_t hash_pointer(const void *key) {
    return mix((uint64_t)(uintptr_t)key);
}

static uint64_t hash_string(const void *key) {
    uint64_t hash = 14695981039346656037U;
    for (const unsigned char *c = key; *c; c++)
        hash = (hash ^ *c) * 1099511628211U;
    return mix(hash);
}

static bool equal_pointer(const void *a, const void *b) { return a == b; }

static bool equal_string(const void *a, const void *b) {
    return strcmp(a, b) == 0;
}

// The entry that holds the key, or the empty one where it belongs.
static Entry *find(const Table *table, const void *key, HashFn hash,
                   EqualFn equal) {
    if (!table->capacity)
        return NULL;
    size_t mask = table->capacity - 1;
    for (size_t i = hash(key) & mask;; i = (i + 1) & mask) {
        Entry *entry = &table->entries[i];
        if (!entry->key || equal(entry->key, key))
            return entry;
    }
}

static void grow(Table *table, HashFn hash, EqualFn equal) {
    Table old = *table;
    table->capacity = old.capacity ? old.capacity * 2 : 16;
    table->entries = arena_array(table->arena, Entry, table->capacity);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].key)
            *find(table, old.entries[i].key, hash, equal) = old.entries[i];
}

// The entry to fill for a key that may be new.
static Entry *reserve(Table *table, const void *key, HashFn hash,
                      EqualFn equal) {
    if (table->count * 4 >= table->capacity * 3)
        grow(table, hash, equal);
    Entry *entry = find(table, key, hash, equal);
    if (!entry->key)
        table->count++;
    return entry;
}

PtrMap *ptrmap_create(Arena *arena) {
    PtrMap *map = arena_new(arena, PtrMap);
    map->table.arena = arena;
    return map;
}

void *ptrmap_get(const PtrMap *map, const void *key) {
    Entry *entry = find(&map->table, key, hash_pointer, equal_pointer);
    return entry && entry->key ? entry->value : NULL;
}

bool ptrmap_has(const PtrMap *map, const void *key) {
    Entry *entry = find(&map->table, key, hash_pointer, equal_pointer);
    return entry && entry->key;
}

void ptrmap_set(PtrMap *map, const void *key, void *value) {
    Entry *entry = reserve(&map->table, key, hash_pointer, equal_pointer);
    entry->key = key;
    entry->value = value;
}

StrMap *strmap_create(Arena *arena) {
    StrMap *map = arena_new(arena, StrMap);
    map->table.arena = arena;
    return map;
}

void *strmap_get(const StrMap *map, const char *key) {
    Entry *entry = find(&map->table, key, hash_string, equal_string);
    return entry && entry->key ? entry->value : NULL;
}

bool strmap_has(const StrMap *map, const char *key) {
    Entry *entry = find(&map->table, key, hash_string, equal_string);
    return entry && entry->key;
}

void strmap_set(StrMap *map, const char *key, void *value) {
    Entry *entry = reserve(&map->table, key, hash_string, equal_string);
    if (!entry->key)
        entry->key = arena_strdup(map->table.arena, key);
    entry->value = value;
}
