// gmm.h - how well a mixture of k Gaussians explains n points in d dimensions.
#ifndef GMM_H
#define GMM_H

// The number of parameters of one component's inverse covariance factor.
#define GMM_ICF_SIZE(d) ((d) * ((d) + 1) / 2)

// Returns the log-likelihood of the points, plus the log of a Wishart prior
// (gamma, m) on the inverse covariances.
//
//   alphas[k]      logarithms of the components' weights, not normalised
//   means[k][d]
//   icf[k][d(d+1)/2]  of each component, the lower triangular factor of its
//                  inverse covariance: first the d logarithms of the diagonal,
//                  then what is below it, column by column
//   x[n][d]        the points
double gmm_objective(int d, int k, int n, const double *alphas,
                     const double *means, const double *icf, const double *x,
                     double gamma, int m);

#endif
