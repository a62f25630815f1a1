#include "tests/store/faulty_vfs.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <new>

namespace ota::store {

namespace {

struct plan {
    bool armed = false, struck = false;
    int left = 0;
    faulty_vfs::fault how = faulty_vfs::fault::disk_full;

    /// Counts one operation; true: it fails.
    bool strikes() {
        if (!armed || --left > 0) return false;
        return struck = true;
    }
} the_plan;

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs shim;
sqlite3_io_methods methods;

struct faulty_file {
    sqlite3_file base;
    alignas(sqlite3_file) unsigned char real[1];  // SQLite aligns what it hands out to 8 octets, no more
};
sqlite3_file* real_of(sqlite3_file* f) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<faulty_file*>(f)->real);
}
const sqlite3_io_methods* io(sqlite3_file* f) { return real_of(f)->pMethods; }

int write(sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
    if (the_plan.strikes()) return the_plan.how == faulty_vfs::fault::disk_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return io(f)->xWrite(real_of(f), p, n, at);
}
int sync(sqlite3_file* f, int flags) {
    if (the_plan.how == faulty_vfs::fault::disk_error && the_plan.strikes()) return SQLITE_IOERR_FSYNC;
    return io(f)->xSync(real_of(f), flags);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (the_plan.how == faulty_vfs::fault::disk_error && the_plan.strikes()) return SQLITE_IOERR_TRUNCATE;
    return io(f)->xTruncate(real_of(f), size);
}

void make_methods() {
    methods.iVersion = 2;
    methods.xClose = [](sqlite3_file* f) { return io(f)->xClose(real_of(f)); };
    methods.xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
        return io(f)->xRead(real_of(f), p, n, at);
    };
    methods.xWrite = write;
    methods.xTruncate = truncate;
    methods.xSync = sync;
    methods.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return io(f)->xFileSize(real_of(f), n); };
    methods.xLock = [](sqlite3_file* f, int how) { return io(f)->xLock(real_of(f), how); };
    methods.xUnlock = [](sqlite3_file* f, int how) { return io(f)->xUnlock(real_of(f), how); };
    methods.xCheckReservedLock = [](sqlite3_file* f, int* out) { return io(f)->xCheckReservedLock(real_of(f), out); };
    methods.xFileControl = [](sqlite3_file* f, int op, void* arg) { return io(f)->xFileControl(real_of(f), op, arg); };
    methods.xSectorSize = [](sqlite3_file* f) { return io(f)->xSectorSize(real_of(f)); };
    methods.xDeviceCharacteristics = [](sqlite3_file* f) { return io(f)->xDeviceCharacteristics(real_of(f)); };
    methods.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return io(f)->xShmMap(real_of(f), page, size, extend, out);
    };
    methods.xShmLock = [](sqlite3_file* f, int at, int n, int flags) {
        return io(f)->xShmLock(real_of(f), at, n, flags);
    };
    methods.xShmBarrier = [](sqlite3_file* f) { io(f)->xShmBarrier(real_of(f)); };
    methods.xShmUnmap = [](sqlite3_file* f, int gone) { return io(f)->xShmUnmap(real_of(f), gone); };
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    f->pMethods = nullptr;
    const int code = real_vfs->xOpen(real_vfs, name, real_of(f), flags, out_flags);
    if (code == SQLITE_OK) f->pMethods = &methods;
    return code;
}

}  // namespace

faulty_vfs::faulty_vfs() {
    the_plan = {};
    real_vfs = sqlite3_vfs_find(nullptr);
    make_methods();
    shim = *real_vfs;  // whatever is not about an open file is the real one's affair
    shim.zName = "faulty";
    shim.szOsFile = static_cast<int>(offsetof(faulty_file, real)) + real_vfs->szOsFile;
    shim.xOpen = open;
    shim.pNext = nullptr;
    sqlite3_vfs_register(&shim, 1);
}

faulty_vfs::~faulty_vfs() {
    sqlite3_vfs_unregister(&shim);
    sqlite3_vfs_register(real_vfs, 1);
}

void faulty_vfs::fail_from(int n, fault how) { the_plan = {true, false, n, how}; }
void faulty_vfs::heal() { the_plan.armed = false; }
bool faulty_vfs::struck() const { return the_plan.struck; }

}  // namespace ota::store
