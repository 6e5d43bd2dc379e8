// graph.c - the computation graph of a function as DOT.
#include "emit/emit.h"

void emit_graph(Text *text, const Function *function) {
    text_printf(text, "digraph %s {\n}\n", function->name);
}
