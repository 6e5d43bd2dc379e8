static inline double helper(double x)
{
    return x * 3;
}
