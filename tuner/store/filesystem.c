/* What the journal depends on: whether SQLite is safe for two writers, and which file system the
 * file lies on. */
#include "tuner/store/filesystem.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

enum { SAFE_WAL_VERSION = 3051003 }; /* SQLite with the WAL-reset fix */

bool store_library_has_wal_fix(void)
{
    int version = sqlite3_libversion_number();
    /* 3.50.7 has the fix of 3.51.3 */
    return version >= SAFE_WAL_VERSION || (version >= 3050007 && version < 3051000);
}

bool store_on_network(const char *path, const char **name)
{
    *name = "unknown";
#ifdef __linux__
    static const struct { uint32_t magic; bool network; const char *name; } known[] = {
        {0x6969, true, "NFS"},         {0x517B, true, "SMB"},        {0xFF534D42, true, "CIFS"},
        {0xFE534D42, true, "SMB2"},    {0x65735546, true, "FUSE"},   {0x01021997, true, "9P"},
        {0x0BD00BD0, true, "Lustre"},  {0x47504653, true, "GPFS"},   {0x00C36400, true, "Ceph"},
        {0x5346414F, true, "AFS"},     {0x6B414653, true, "AFS"},    {0x73757245, true, "Coda"},
        {0x7461636F, true, "OCFS2"},   {0x19830326, true, "BeeGFS"}, {0x786F4256, true, "vboxsf"},
        {0x01161970, true, "GFS2"},
        {0xEF53, false, "ext4"},       {0x58465342, false, "XFS"},   {0x9123683E, false, "btrfs"},
        {0x01021994, false, "tmpfs"},  {0x794C7630, false, "overlay"}, {0x2FC12FC1, false, "ZFS"},
        {0xF2F52010, false, "F2FS"},   {0x4D44, false, "FAT"},       {0x2011BAB0, false, "exFAT"},
    };
    struct statfs fs;
    if (statfs(path, &fs) != 0) return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((uint32_t)fs.f_type == known[i].magic) {
            *name = known[i].name;
            return known[i].network;
        }
#else
    (void)path;
#endif
    return false;
}
