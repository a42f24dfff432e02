// x86-64-v4 (AVX-512 F, BW, CD, DQ, VL), double.
#if defined(__x86_64__)
#define ISA "avx512"
#define TARGET "arch=x86-64-v4"
#define VECTOR_BYTES 64
#define REGISTERS 32
#define REAL double
#define REAL_BYTES 8
#define TABLE apus_avx512_double
#include "kernels/table.inc"
#endif
