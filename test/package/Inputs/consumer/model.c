#pragma grad wrt(x)
double model(double x) { return x * x * sizeof TEXT; }
