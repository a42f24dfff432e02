#ifndef APUS_CHDF5_SHIM_H
#define APUS_CHDF5_SHIM_H

#include <hdf5.h>

// Constants and versioned functions of HDF5 are macros with casts or arguments, which Swift does not import.

static inline hid_t apus_h5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t apus_h5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t apus_h5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t apus_h5_string(void) { return H5T_C_S1; }
static inline size_t apus_h5_variable(void) { return H5T_VARIABLE; }
static inline hid_t apus_h5_default(void) { return H5P_DEFAULT; }
static inline hid_t apus_h5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t apus_h5_all(void) { return H5S_ALL; }
static inline unsigned apus_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned apus_h5_truncate(void) { return H5F_ACC_TRUNC; }

// Errors are reported by Apus; the library would print its own stack of them.
static inline void apus_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

struct apus_h5_visit {
    void (*name)(const char *name, void *context);
    void *context;
};

static inline herr_t apus_h5_visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)group;
    (void)info;
    struct apus_h5_visit *visit = (struct apus_h5_visit *)context;
    visit->name(name, visit->context);
    return 0;
}

// Calls `name` for every link of a group, in the order of their names.
static inline herr_t apus_h5_links(hid_t group, void (*name)(const char *, void *), void *context) {
    struct apus_h5_visit visit = {name, context};
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, apus_h5_visit_link, &visit);
}

#endif
