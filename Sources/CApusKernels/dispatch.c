// Which instruction sets were compiled in, which of them this machine runs, and their tables.
#include "apus_kernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
extern const apus_kernels apus_sse2_float, apus_sse2_double, apus_avx2_float, apus_avx2_double, apus_avx512_float,
    apus_avx512_double;

static const char *const names[] = {"avx512", "avx2", "x86-64"};
static const apus_kernels *const tables[][2] = {
    {&apus_avx512_float, &apus_avx512_double},
    {&apus_avx2_float, &apus_avx2_double},
    {&apus_sse2_float, &apus_sse2_double},
};

static int machine_has(int level) {
    __builtin_cpu_init();
    switch (level) {
    case 0: return __builtin_cpu_supports("x86-64-v4") != 0;
    case 1: return __builtin_cpu_supports("x86-64-v3") != 0;
    default: return 1;
    }
}
#elif defined(__aarch64__)
extern const apus_kernels apus_neon_float, apus_neon_double;

static const char *const names[] = {"neon"};
static const apus_kernels *const tables[][2] = {{&apus_neon_float, &apus_neon_double}};

// Every 64-bit Arm processor has NEON.
static int machine_has(int level) { return level == 0; }
#else
#error "Apus has kernels for x86-64 and 64-bit Arm."
#endif

enum { LEVELS = sizeof names / sizeof *names };

const char *apus_isa_name(int k) { return k >= 0 && k < LEVELS ? names[k] : NULL; }

static int level_named(const char *isa) {
    for (int level = 0; isa && level < LEVELS; level++)
        if (strcmp(isa, names[level]) == 0) return level;
    return -1;
}

int apus_isa_available(const char *isa) {
    const int level = level_named(isa);
    return level >= 0 && machine_has(level);
}

const apus_kernels *apus_kernels_for(const char *isa, int element_size) {
    if (!apus_isa_available(isa) || (element_size != 4 && element_size != 8)) return NULL;
    return tables[level_named(isa)][element_size == 8];
}

const apus_kernels *apus_kernels_preferred(int element_size) {
    const char *forced = getenv("APUS_ISA");
    if (apus_isa_available(forced)) return apus_kernels_for(forced, element_size);
    int level = 0;
    while (!machine_has(level)) level++;
    return apus_kernels_for(names[level], element_size);
}
