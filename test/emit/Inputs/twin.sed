# IR of f_0, f_1, ... to functions g_0, g_1, ... that gradcc prints as if they
# were derivatives.
s/^func @f_\([0-9]*\)\(.*\) -> double/func @g_\1\2 -> double derivative_of @primal/
s/^    grad .* {$/    {/
$a func @primal() -> double
