#ifndef APUS_CBZIP2_SHIM_H
#define APUS_CBZIP2_SHIM_H

#include <bzlib.h>

#endif
