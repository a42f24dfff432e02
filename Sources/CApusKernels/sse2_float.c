// x86-64 baseline (SSE2), float.
#if defined(__x86_64__)
#define ISA "x86-64"
#define VECTOR_BYTES 16
#define REGISTERS 16
#define REAL float
#define REAL_BYTES 4
#define TABLE apus_sse2_float
#include "kernels/table.inc"
#endif
