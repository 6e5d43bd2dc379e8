#pragma grad wrt(x)
double square(double x) { return x * ; }
