// x86-64-v3 (AVX2 and FMA), double.
#if defined(__x86_64__)
#define ISA "avx2"
#define TARGET "arch=x86-64-v3"
#define VECTOR_BYTES 32
#define REGISTERS 16
#define REAL double
#define REAL_BYTES 8
#define TABLE apus_avx2_double
#include "kernels/table.inc"
#endif
