// gmm_data.h - a mixture and its points, read from a file of ADBench.
#ifndef GMM_DATA_H
#define GMM_DATA_H

#include <stdbool.h>

// The arguments of gmm_objective. The parameters stand in one array, so that
// it and its gradient can be walked through at once; the rest points into it.
struct gmm {
    int d, k, n;
    int parameters; // k + k d + k d(d+1)/2
    double *alphas; // all parameters; owned
    double *means;  // in alphas
    double *icf;    // in alphas
    double *x;      // owned
    double gamma;
    int m;
};

// Reads the file: d k n; k alphas; k rows of d means; k rows of inverse
// covariance factors; n rows of d coordinates; gamma m. Where that fails,
// says so on stderr and ends the program with status 2.
struct gmm gmm_read(const char *path);

void gmm_free(struct gmm *gmm);

#endif
