double raise(double x);

#pragma grad wrt(x)
double loss(double x) { return FACTOR * raise(x); }
