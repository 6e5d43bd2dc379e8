#include <math.h>

struct weights {
    double w[4];
};

static double factor = 1.5;
static int calls;

static double noise(double x)
{
    static int state = 1;
    state = state * 5 % 17;
    return state + (x > 0);
}

#pragma grad wrt(w)
#pragma grad forward wrt(w)
double loss(int n, const struct weights *w, double x)
{
    double s = 0;
    calls++;
    factor = factor + 0.25;
    for (int i = 0; i < n; i++)
        s += sin(w->w[i] * factor) * noise(x);
    return s;
}

#pragma grad wrt(x)
double quiet(double x)
{
    return x * noise(1);
}

int reset(void)
{
    factor = 1.5;
    while (noise(0) != 1)
        ;
    return calls;
}
