// x86-64 baseline (SSE2), double.
#if defined(__x86_64__)
#define ISA "x86-64"
#define VECTOR_BYTES 16
#define REGISTERS 16
#define REAL double
#define REAL_BYTES 8
#define TABLE apus_sse2_double
#include "kernels/table.inc"
#endif
