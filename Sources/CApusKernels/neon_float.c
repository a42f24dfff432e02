// Arm NEON, float.
#if defined(__aarch64__)
#define ISA "neon"
#define VECTOR_BYTES 16
#define REGISTERS 32
#define REAL float
#define REAL_BYTES 4
#define TABLE apus_neon_float
#include "kernels/table.inc"
#endif
