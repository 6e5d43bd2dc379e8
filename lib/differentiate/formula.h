// formula.h - private to lib/differentiate: the small expressions of rules.def
// as trees.
#ifndef GRADCC_FORMULA_H
#define GRADCC_FORMULA_H

#include "ir/ir.h"

typedef enum FormulaKind {
    FORMULA_NUMBER,
    FORMULA_VARIABLE,  // x y z r q d
    FORMULA_UNARY,     // NEG, LNOT
    FORMULA_BINARY,    // ADD .. NE
    FORMULA_CALL,      // a math function
    FORMULA_CONDITION, // a ? b : c
} FormulaKind;

typedef struct Formula {
    FormulaKind kind;
    double number;
    const char *digits; // of a number, as written
    char variable;
    OpKind op;
    MathFn math;
    struct Formula *parts[3];
    int part_count;
} Formula;

// Parses a partial; the text is the project's own, so an error is a defect.
const Formula *formula_parse(Arena *arena, const char *text);
bool formula_mentions(const Formula *formula, char variable);

// What the variables stand for. type: the floating type that numbers take.
typedef struct FormulaScope {
    const Type *type;
    Value *variables[128]; // by letter
} FormulaScope;

// The formula's value.
Value *formula_build(Builder *b, const Formula *f, const FormulaScope *scope);
// seed times the formula, multiplied in where it costs least (seed / den for
// 1 / den); NULL where that is zero for certain.
Value *formula_build_scaled(Builder *b, const Formula *f,
                            const FormulaScope *scope, Value *seed);

#endif
