// Arm NEON, double.
#if defined(__aarch64__)
#define ISA "neon"
#define VECTOR_BYTES 16
#define REGISTERS 32
#define REAL double
#define REAL_BYTES 8
#define TABLE apus_neon_double
#include "kernels/table.inc"
#endif
