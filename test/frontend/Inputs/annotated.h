#pragma grad wrt(x)
double annotated(int n, const double *x);
