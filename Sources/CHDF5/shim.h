#ifndef APUS_CHDF5_SHIM_H
#define APUS_CHDF5_SHIM_H

#include <hdf5.h>
#include <string.h>

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

// Filters are those of the library alone: none is loaded from a folder.
static inline void apus_h5_forbid_plugins(void) { H5PLset_loading_state(0); }

static inline herr_t apus_h5_refuse(
    const char *file, const char *group, const char *target, const char *object, unsigned *flags, hid_t access,
    void *context)
{
    (void)file, (void)group, (void)target, (void)object, (void)flags, (void)access, (void)context;
    return -1;
}

// Properties for access to an object that follow no link to another file, with room for chunks.
static inline hid_t apus_h5_access(int is_dataset, size_t chunk_bytes)
{
    hid_t access = H5Pcreate(is_dataset ? H5P_DATASET_ACCESS : H5P_LINK_ACCESS);
    if (access < 0) return access;
    H5Pset_elink_cb(access, apus_h5_refuse, NULL);
    if (is_dataset && chunk_bytes > 1 << 20) H5Pset_chunk_cache(access, 521, chunk_bytes, 1);
    return access;
}

// The type and the address of an object; negative when there is none.
static inline herr_t apus_h5_object(hid_t place, const char *name, hid_t access, int *type, unsigned long long *address)
{
#if H5_VERSION_GE(1, 12, 0)
    H5O_info2_t info;
    herr_t status = H5Oget_info_by_name3(place, name, &info, H5O_INFO_BASIC, access);
    if (status < 0) return status;
    memcpy(address, &info.token, sizeof *address);
#else
    H5O_info_t info;
    herr_t status = H5Oget_info_by_name2(place, name, &info, H5O_INFO_BASIC, access);
    if (status < 0) return status;
    *address = info.addr;
#endif
    *type = info.type;
    return status;
}

struct apus_h5_visit {
    int (*link)(const char *name, int type, void *context);
    void *context;
};

static inline herr_t apus_h5_visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)group;
    struct apus_h5_visit *visit = (struct apus_h5_visit *)context;
    return visit->link(name, info->type, visit->context);
}

// Calls `link` with the name and the type of every link of a group, in the order of their names, until it returns 1.
static inline herr_t apus_h5_links(hid_t group, int (*link)(const char *, int, void *), void *context) {
    struct apus_h5_visit visit = {link, context};
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, apus_h5_visit_link, &visit);
}

#endif
