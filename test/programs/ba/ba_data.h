// ba_data.h - cameras, points and what was observed, read from a file of
// ADBench.
#ifndef BA_DATA_H
#define BA_DATA_H

// The arguments of ba_residuals. The parameters stand in one array, so that it
// and its gradient can be walked through at once; the rest points into it.
struct ba {
    int n, m, p; // cameras, points, observations
    int parameters;
    double *cameras;  // all parameters; owned
    double *points;   // in cameras
    double *weights;  // in cameras
    int *observed;    // owned
    double *features; // owned
};

// Room for n cameras, m points and p observations of which the i-th is point
// i mod m in camera i mod n. All numbers are zero.
struct ba ba_new(int n, int m, int p);

// Reads the file: n m p; one camera; one point; one weight; one feature. They
// are repeated n, m, p and p times. Where that fails, says so on stderr and
// ends the program with status 2.
struct ba ba_read(const char *path);

void ba_free(struct ba *ba);

#endif
