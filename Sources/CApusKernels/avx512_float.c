// x86-64-v4 (AVX-512 F, BW, CD, DQ, VL), float.
#if defined(__x86_64__)
#define ISA "avx512"
#define TARGET "arch=x86-64-v4"
#define VECTOR_BYTES 64
#define REGISTERS 32
#define REAL float
#define REAL_BYTES 4
#define TABLE apus_avx512_float
#include "kernels/table.inc"
#endif
