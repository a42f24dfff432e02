#ifndef APUS_CLZMA_SHIM_H
#define APUS_CLZMA_SHIM_H

#include <lzma.h>

#endif
