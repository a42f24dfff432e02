// The inner loops of Apus: one table of functions per precision and instruction set.
//
// Every array is row-major and dense; `real` stands for float or double, whichever the table was compiled for.
// A matrix of R rows and trailing shape [C, F] holds element (r, c, f) at (r*C + c)*F + f.
// Index arrays hold int32. `accumulate` adds to the output, otherwise the output is overwritten.
// No function allocates memory, keeps state, or reads beyond the elements named here.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Scalar functions with the order of the derivative they compute (0 is the function itself).
enum {
    APUS_SHIFTED_SOFTPLUS,  // ln(1 + e^x) - ln 2,  orders 0 to 2
    APUS_SILU,              // x / (1 + e^-x),      orders 0 to 2
    APUS_SIGMOID,           // 1 / (1 + e^-x),      order 0
    APUS_RECTIFIER,         // max(x, 0), orders 0 and 1 (the step, 0 at 0)
    APUS_NEGATIVE_EXPONENTIAL,  // e^min(x, 0) - 1, orders 0 and 1 (e^x for x <= 0, else 0)
    APUS_NORMAL_DISTRIBUTION,   // Phi(x) = (1 + erf(x/sqrt 2))/2, orders 0 and 1 (e^(-x^2/2)/sqrt(2 pi))
    APUS_SQUARE_ROOT,       // order 0
    APUS_RECIPROCAL,        // order 0
    APUS_ABSOLUTE,          // |x|, orders 0 and 1 (the sign, 0 at 0)
    APUS_CLAMP,             // x limited to -1 ... 1, orders 0 and 1 (1 inside, else 0)
};

// A step of an optimiser. Gradients are multiplied by gradient_scale, then limited to -gradient_limit ... gradient_limit,
// which is INFINITY for no limit. c1 and c2 are 1 - b1^t and 1 - b2^t in step t.
typedef struct {
    double gradient_scale, gradient_limit, rate, b1, b2, epsilon;
    double decay, added_decay;  // taken off parameters (Loshchilov & Hutter, arXiv 1711.05101); added to gradients
    double c1, c2;
} apus_adam_step;
typedef struct {
    double gradient_scale, gradient_limit, rate, momentum, added_decay;
    int nesterov;
} apus_sgd_step;

// A constant sparse multilinear form as nested sums. Terms are products of components of arguments; factors that have all F
// features are nested, the outermost first, and factors with one feature belong to the coefficients.
typedef struct {
    int32_t rows, offset;  // an element of the row of one of the inputs; the first feature of a component
} apus_coupling_factor;
typedef struct {
    int32_t factor, begin, end;  // a factor before the sum over nodes of the next level, or over leaves
} apus_coupling_node;
typedef struct {
    int32_t factor, coefficient;  // coefficient n + c is the negative of c, n = coefficient_count
} apus_coupling_leaf;
typedef struct {
    int32_t rows, offset, begin, end;  // an element of the row of one of the targets, the sum over the outermost nodes
} apus_coupling_output;
typedef struct {
    long features;                              // F
    int levels;                                 // factors with F features in every term, 1 to 5
    int sums_features;                          // whether the result has one feature, where F > 1
    long input_count, target_count;             // row arrays read (at most 12) and written (1, or 2 for both ends of a pair)
    long factor_count, narrow_count;            // different factors with F features and with one
    const apus_coupling_factor *factors, *narrow;
    long output_count;
    const apus_coupling_output *outputs;
    const apus_coupling_node *nodes[4];         // the sums just around the leaves, then those around them
    const apus_coupling_leaf *leaves;
    long coefficient_count;
    long narrow_order;                          // factors with one feature in every term
    const void *constants;                      // without such factors the coefficients and their negatives; else C of
    const int32_t *coefficient_ends;            //   every term of every coefficient, the number of terms up to the end of
    const int32_t *coefficient_factors;         //   each, and the narrow factors of every term
} apus_coupling;
// Row r of an array is row index[r], or r where index is NULL; rows have `length` elements.
typedef struct {
    void *start;
    const int32_t *index;
    long length;
} apus_rows;

typedef struct {
    const char *isa;    // "x86-64", "avx2", "avx512", "neon"
    int element_size;   // 4 or 8 bytes

    // --- matrix products -------------------------------------------------------------------------------------------
    // A packed matrix holds B [K, N] in column panels of the micro-kernel's width, zero-padded.
    size_t (*packed_count)(long K, long N);                                                 // elements needed
    void (*pack)(long K, long N, const void *B, int transposed, void *packed);              // transposed: B is [N, K]
    // C[M, N] (+)= A[M, K] B + bias[N]   (bias may be NULL)
    void (*matmul)(long M, long N, long K, const void *A, const void *packedB, const void *bias, void *C,
                   int accumulate);
    // C[K, N] (+)= sum_r X[r, k] Y[r, n]
    void (*outer)(long R, long K, long N, const void *X, const void *Y, void *C, int accumulate);

    // --- rows ------------------------------------------------------------------------------------------------------
    void (*column_sum)(long R, long N, const void *x, void *out, int accumulate);           // out[N] (+)= sum_r x[r, n]
    void (*broadcast_rows)(long R, long N, const void *b, void *out);                       // out[r, n] = b[n]
    // out[r, :] = table[index[r], :]
    void (*gather)(long R, long N, const int32_t *index, const void *table, void *out);
    // out[index[r], :] += values[r, :]   (always adds; the caller clears)
    void (*scatter_add)(long R, long N, const int32_t *index, const void *values, void *out);
    void (*fill_lowest)(long n, void *out);                                                 // out[k] = the lowest finite number
    // out[index[r], :] = max(out[index[r], :], values[r, :])
    void (*segment_maximum)(long R, long N, const int32_t *index, const void *values, void *out);

    // --- element-wise ----------------------------------------------------------------------------------------------
    void (*add_scaled)(long n, const void *a, double c, const void *b, void *out);          // a + c b  (out may be a or b)
    void (*affine)(long n, const void *a, double c, double s, void *out);                   // c a + s  (out may be a)
    void (*function)(int kind, int order, long n, const void *a, void *out);                // (out may be a)

    // Product of two broadcast operands with summation: for every row r
    //   out[c', f'] (+)= sum a[c, f] b[c, f]   over the indices that out lacks.
    // Each operand has trailing extents [C or 1, F or 1], given by flags (aC = 1: has the c axis). Operands of a row are dense.
    void (*contract)(long R, long C, long F, const void *a, int aC, int aF, const void *b, int bC, int bF, void *out,
                     int oC, int oF, int accumulate);

    // --- functions of a distance -----------------------------------------------------------------------------------
    // out[p, k] = d^order/dd^order exp(-gamma[k] (d[p] - center[k])^2), order 0 to 4. With constant != 0 a last column
    // holds the constant function one (zero for order > 0), so out has K + 1 columns.
    void (*gaussian_basis)(long P, long K, const void *d, const void *center, const void *gamma, int order, int constant,
                           void *out);
    // out[p] = d^order/dd^order (cos(pi d / cutoff) + 1)/2 for d < cutoff, else 0; any order >= 0
    void (*cosine_cutoff)(long P, const void *d, double cutoff, int order, void *out);

    // --- tables of functions of a distance --------------------------------------------------------------------------
    // The G >= 2 rows of a table stand at distances 0, spacing, 2 spacing, ...; each has values, slopes and curvatures of
    // F functions, [3, F], between which quintic Hermite interpolation runs. Weights are those of the interpolation, or
    // their derivative by d of some order; orders above 5 are zero.
    // out[p, :] (+)= sum over the rows around d[p] and their three parts of weight table[g, c, :]
    void (*table_lookup)(long P, long F, const void *d, long G, double spacing, int order, const void *table, void *out,
                         int accumulate);
    // table[g, c, :] += weight x[p, :]                                    (always adds; the caller clears)
    void (*table_scatter)(long P, long F, const void *d, long G, double spacing, int order, const void *x, void *table);

    // --- pairs (undirected, p joins atoms i[p] and j[p], i != j) -----------------------------------------------------
    // Partial derivatives of S(x, w, y) = sum_p sum_cf w[p,f] (x[i,c,f] y[j,c,f] + x[j,c,f] y[i,c,f]).
    // out[i,c,f] += w[p,f] x[j,c,f];  out[j,c,f] += w[p,f] x[i,c,f]      (always adds; the caller clears)
    void (*conv)(long P, const int32_t *i, const int32_t *j, long C, long F, const void *x, const void *w, void *out);
    // out[p,f] (+)= sum_c (x[i,c,f] y[j,c,f] + x[j,c,f] y[i,c,f])
    void (*pair_multiply)(long P, const int32_t *i, const int32_t *j, long C, long F, const void *x, const void *y,
                          void *out, int accumulate);
    // Partial derivatives of V(y, x, w, u) = sum_p sum_cf u[p,c] w[p,f] (y[i,c,f] x[j,f] - y[j,c,f] x[i,f]), c = 0, 1, 2.
    // by y: out[i,c,f] += u w x[j];  out[j,c,f] -= u w x[i]              (always adds; the caller clears)
    void (*vector_conv)(long P, const int32_t *i, const int32_t *j, long F, const void *x, const void *w, const void *u,
                        void *out);
    // by x: out[j,f] += w sum_c u[c] y[i,c,f];  out[i,f] -= w sum_c u[c] y[j,c,f]   (always adds; the caller clears)
    void (*vector_conv_scalar)(long P, const int32_t *i, const int32_t *j, long F, const void *y, const void *w,
                               const void *u, void *out);
    // by w: out[p,f] (+)= sum_c u[c] (y[i,c,f] x[j,f] - y[j,c,f] x[i,f])
    void (*vector_conv_filter)(long P, const int32_t *i, const int32_t *j, long F, const void *y, const void *x,
                               const void *u, void *out, int accumulate);
    // by u: out[p,c] (+)= sum_f w[f] (y[i,c,f] x[j,f] - y[j,c,f] x[i,f])
    void (*vector_conv_direction)(long P, const int32_t *i, const int32_t *j, long F, const void *y, const void *x,
                                  const void *w, void *out, int accumulate);
    // out[p, :] = x[j[p], :] - x[i[p], :]
    void (*pair_difference)(long P, const int32_t *i, const int32_t *j, long N, const void *x, void *out);
    // out[j[p], :] += x[p, :];  out[i[p], :] -= x[p, :]                  (always adds; the caller clears)
    void (*pair_scatter)(long P, const int32_t *i, const int32_t *j, long N, const void *x, void *out);

    // --- couplings -------------------------------------------------------------------------------------------------
    // out[o, f] (+)= sum of the terms of every output, for R rows. With two targets the rows of both ends of a pair are added
    // to, which may be the same. The scratch memory is aligned for pointers.
    void (*coupling)(long R, const apus_coupling *form, const apus_rows *inputs, const apus_rows *outputs, int accumulate,
                     void *scratch);
    size_t (*coupling_scratch)(const apus_coupling *form);                                  // bytes of scratch memory
    // The solid harmonics of degrees 0 to L of vectors x, y, z: out[r, l l + l + m] = N_lm Pi_lm(y, r) (m >= 0 ? Re : Im)
    // (z + ix)^|m|, with Pi_lm the m-th derivative of the Legendre polynomial, made homogeneous. N_lm = norms[l(l + 1)/2 + m]
    void (*solid_harmonics)(long R, long L, const void *vectors, const void *norms, void *out);

    // --- search for neighbours -------------------------------------------------------------------------------------
    // Arrays are read up to 64 bytes beyond their end, and results have room for all numbers.
    // found = the numbers above `own` of the points (x, y, z) in n ranges, from ranges[2 r] to before ranges[2 r + 1], whose
    // squared distance from `at` is below `limit`, in their order; returns how many
    long (*numbers_near)(long n, const int32_t *ranges, const void *x, const void *y, const void *z,
                         const int32_t *numbers, const void *at, double limit, int32_t own, int32_t *found);
    // sorted = numbers, which are distinct, ascending; in n * n steps, for few
    void (*sort_distinct)(long n, const int32_t *numbers, int32_t *sorted);

    // --- optimisation ----------------------------------------------------------------------------------------------
    double (*sum_of_squares)(long n, const void *x);                                        // in double
    // Adam (Kingma & Ba, arXiv 1412.6980): g += added_decay w;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;
    //   w -= rate decay w;  w -= rate (m / c1) / (sqrt(v / c2) + epsilon)
    // With largest (AMSGrad; NULL without), largest = max(largest, v) takes the place of v in the last line.
    void (*adam)(long n, void *w, const void *g, void *m, void *v, void *largest, const apus_adam_step *step);
    // g += added_decay w;  velocity = momentum velocity + g;  w -= rate velocity, or rate (g + momentum velocity) with
    // nesterov. Without velocity (NULL): w -= rate g.
    void (*sgd)(long n, void *w, const void *g, void *velocity, const apus_sgd_step *step);

    // Runs `rounds` rounds of independent fused multiply-adds held in registers; returns the floating-point operations done.
    double (*fma_peak)(long rounds, void *sink);
} apus_kernels;

// The k-th of the instruction sets compiled in, best first: "avx512", "avx2", "x86-64" or "neon"; NULL after the last.
const char *apus_isa_name(int k);
// Whether this machine can run the named instruction set.
int apus_isa_available(const char *isa);
// The table for an instruction set and precision (4 or 8 bytes); NULL when the name is unknown or the machine lacks it.
const apus_kernels *apus_kernels_for(const char *isa, int element_size);
// The table for the instruction set that APUS_ISA names, if this machine can run it, and for its best one otherwise.
const apus_kernels *apus_kernels_preferred(int element_size);

// Tells the processor that a thread waits for another one.
static inline void apus_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}
