#pragma grad wrt(y)
double square(double x) { return x * x; }
