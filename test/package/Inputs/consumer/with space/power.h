// The degree of the model: what a test changes to see a new derivative.
#define DEGREE 2
