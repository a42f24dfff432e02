// x86-64-v3 (AVX2 and FMA), float.
#if defined(__x86_64__)
#define ISA "avx2"
#define TARGET "arch=x86-64-v3"
#define VECTOR_BYTES 32
#define REGISTERS 16
#define REAL float
#define REAL_BYTES 4
#define TABLE apus_avx2_float
#include "kernels/table.inc"
#endif
