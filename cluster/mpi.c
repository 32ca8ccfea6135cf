/* The only file that calls MPI: a few functions, linked or loaded, and what each library calls its handles. */
#include "cluster/mpi.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef CONSORT_WITH_MPI
#include <mpi.h>
#else
#include <dlfcn.h>
#endif

/* ---- the calls --------------------------------------------------------------------------------------- */

/* Handles are pointers in one library and numbers in the other; both fit here, and are passed alike. */
typedef uintptr_t Handle;
enum { STATUS_BYTES = 128, SERIALIZED = 2 };
typedef union {
    char bytes[STATUS_BYTES];
    max_align_t aligned;
} Status;

#define CALL_LIST(X)                                                                     \
    X(Init_thread, (int *argc, char ***argv, int wanted, int *provided))                 \
    X(Finalize, (void))                                                                  \
    X(Comm_rank, (Handle comm, int *rank))                                               \
    X(Comm_size, (Handle comm, int *size))                                               \
    X(Comm_set_errhandler, (Handle comm, Handle handler))                                \
    X(Isend, (const void *data, int n, Handle type, int to, int tag, Handle comm, void *request))    \
    X(Irecv, (void *data, int n, Handle type, int from, int tag, Handle comm, void *request))        \
    X(Testany, (int n, void *requests, int *index, int *flag, void *status))             \
    X(Get_count, (const void *status, Handle type, int *n))                              \
    X(Cancel, (void *request))                                                           \
    X(Request_free, (void *request))
#define CALL_MEMBER(name, arguments) int (*name) arguments;

struct Mpi {
    CALL_LIST(CALL_MEMBER)
    Handle world, byte, errors_return, null_request;
    size_t request_bytes; /* of a handle */
    int rank, size, n_peers; /* peers 0 to n_peers - 1 */
    unsigned char *requests; /* (2 n_peers): frames that come, frames that go */
    int turn;                /* from where the next look begins: all are looked at alike */
};

typedef void (*Any)(void);

/* One call, by its place in the struct. */
static void set_call(Mpi *mpi, size_t offset, Any call) { memcpy((char *)mpi + offset, &call, sizeof call); }

#ifdef CONSORT_WITH_MPI

_Static_assert(sizeof(MPI_Status) <= STATUS_BYTES, "a status has room");

static bool fill(const Launched *launched, Mpi *mpi, Error *err)
{
    (void)launched, (void)err;
#define CALL_LINKED(name, arguments) set_call(mpi, offsetof(Mpi, name), (Any)MPI_##name);
    CALL_LIST(CALL_LINKED)
    mpi->world = (Handle)MPI_COMM_WORLD;
    mpi->byte = (Handle)MPI_BYTE;
    mpi->errors_return = (Handle)MPI_ERRORS_RETURN;
    mpi->null_request = (Handle)MPI_REQUEST_NULL;
    mpi->request_bytes = sizeof(MPI_Request);
    return true;
}

#else

static void *load(const Launched *launched, const char **name)
{
    static const char *const libraries[] = {"libmpi.so.40", "libmpich.so.12", "libmpi.so.12"};
    const int n = (int)(sizeof libraries / sizeof *libraries), first = launched->family == MPI_OF_MPICH ? 1 : 0;
    const char *said = getenv("CONSORT_MPI");
    *name = said;
    /* The libraries' own parts, which they load in turn, look for their symbols among everybody's. */
    if (said && *said) return dlopen(said, RTLD_NOW | RTLD_GLOBAL);
    void *library = NULL;
    for (int i = 0; !library && i < n; i++) {
        *name = libraries[(i + first) % n];
        library = dlopen(*name, RTLD_NOW | RTLD_GLOBAL);
    }
    return library;
}

static bool find(void *library, const char *symbol, void **out)
{
    *out = dlsym(library, symbol);
    return *out != NULL;
}

static bool find_handles(void *library, Mpi *mpi)
{
    void *world, *byte, *errors, *request;
    if (!find(library, "ompi_mpi_comm_world", &world)) {
        mpi->world = 0x44000000;
        mpi->byte = 0x4c00010d;
        mpi->errors_return = 0x54000001;
        mpi->null_request = 0x2c000000;
        mpi->request_bytes = sizeof(int);
        return true;
    }
    if (!find(library, "ompi_mpi_byte", &byte) || !find(library, "ompi_mpi_errors_return", &errors)
        || !find(library, "ompi_request_null", &request))
        return false;
    mpi->world = (Handle)world;
    mpi->byte = (Handle)byte;
    mpi->errors_return = (Handle)errors;
    mpi->null_request = (Handle)request;
    mpi->request_bytes = sizeof(void *);
    return true;
}

static bool fill(const Launched *launched, Mpi *mpi, Error *err)
{
    static const struct {
        const char *name;
        size_t offset;
    } calls[] = {
#define CALL_NAMED(name, arguments) {"MPI_" #name, offsetof(Mpi, name)},
        CALL_LIST(CALL_NAMED)
    };
    const char *name;
    void *library = load(launched, &name);
    const char *said = getenv("CONSORT_MPI");
    if (!library && said && *said)
        return error_set(err, ERR_CONFIG, "CONSORT_MPI is %.300s, which cannot be loaded: %.300s", said,
                         dlerror());
    if (!library)
        return error_set(err, ERR_CONFIG, "this is one of several ranks (%s), and no MPI library is found: Open"
                         " MPI's libmpi.so.40 or MPICH's libmpich.so.12; CONSORT_MPI=FILE names another,"
                         " CONSORT_MPI=off runs each rank alone", launched->by);
    bool ok = find_handles(library, mpi);
    for (size_t i = 0; ok && i < sizeof calls / sizeof *calls; i++) {
        void *symbol;
        Any call;
        ok = find(library, calls[i].name, &symbol);
        memcpy(&call, &symbol, sizeof call);
        if (ok) set_call(mpi, calls[i].offset, call);
    }
    return ok || error_set(err, ERR_CONFIG, "%.300s is no MPI library that is known: Open MPI's, MPICH's or one"
                           " like these", name);
}

#endif

/* ---- the job ------------------------------------------------------------------------------------------ */

static void *request(const Mpi *mpi, int i) { return mpi->requests + (size_t)i * mpi->request_bytes; }

static void clear(const Mpi *mpi, int i) /* little-endian or whole: a number is as wide as its handle */
{
    const int number = (int)mpi->null_request;
    if (mpi->request_bytes == sizeof number) memcpy(request(mpi, i), &number, sizeof number);
    else memcpy(request(mpi, i), &mpi->null_request, sizeof mpi->null_request);
}

static bool is_clear(const Mpi *mpi, int i)
{
    const int number = (int)mpi->null_request;
    const void *null = mpi->request_bytes == sizeof number ? (const void *)&number : &mpi->null_request;
    return memcmp(request(mpi, i), null, mpi->request_bytes) == 0;
}

/* Ranks that were started together and do not find each other would be so many studies. */
static bool meet(const Launched *launched, Mpi *mpi, Error *err)
{
    int provided = 0;
    if (mpi->Init_thread(NULL, NULL, SERIALIZED, &provided) != 0 || mpi->Comm_rank(mpi->world, &mpi->rank) != 0
        || mpi->Comm_size(mpi->world, &mpi->size) != 0
        || mpi->Comm_set_errhandler(mpi->world, mpi->errors_return) != 0)
        return error_set(err, ERR_CONFIG, "MPI does not begin");
    if (provided < SERIALIZED)
        return error_set(err, ERR_CONFIG, "this MPI does not work in programs with threads");
    if (launched->size > 0 && (mpi->size != launched->size || mpi->rank != launched->rank))
        return error_set(err, ERR_CONFIG, "%s says %d ranks, and MPI finds %d: another MPI started them"
                         " than the one that is used here; CONSORT_MPI=FILE names the library (with srun:"
                         " --mpi=pmix or --mpi=pmi2)", launched->by, launched->size, mpi->size);
    return true;
}

bool mpi_begin(const Launched *launched, Mpi **out, Error *err)
{
    Mpi *mpi = calloc(1, sizeof *mpi);
    if (!mpi) return error_memory(err);
    if (!fill(launched, mpi, err) || !meet(launched, mpi, err)) {
        free(mpi);
        return false;
    }
    mpi->n_peers = mpi->rank == 0 ? mpi->size : 1;
    mpi->requests = calloc(2 * (size_t)mpi->n_peers, mpi->request_bytes);
    if (!mpi->requests) {
        free(mpi);
        return error_memory(err);
    }
    for (int i = 0; i < 2 * mpi->n_peers; i++) clear(mpi, i);
    *out = mpi;
    return true;
}

void mpi_end(Mpi *mpi, bool whole)
{
    if (!mpi) return;
    if (whole) mpi->Finalize();
    free(mpi->requests);
    free(mpi);
}

int mpi_rank(const Mpi *mpi) { return mpi->rank; }
int mpi_size(const Mpi *mpi) { return mpi->size; }

/* ---- frames ------------------------------------------------------------------------------------------- */

enum { TAG = 18 };

bool mpi_take(Mpi *mpi, int rank, void *buffer, size_t most)
{
    if (mpi->Irecv(buffer, (int)most, mpi->byte, rank, TAG, mpi->world, request(mpi, rank)) == 0) return true;
    clear(mpi, rank);
    return false;
}

bool mpi_give(Mpi *mpi, int rank, const void *frame, size_t n)
{
    const int i = mpi->n_peers + rank;
    if (mpi->Isend(frame, (int)n, mpi->byte, rank, TAG, mpi->world, request(mpi, i)) == 0) return true;
    clear(mpi, i);
    return false;
}

void mpi_forget(Mpi *mpi, int rank)
{
    if (is_clear(mpi, rank)) return;
    mpi->Cancel(request(mpi, rank));
    mpi->Request_free(request(mpi, rank));
    clear(mpi, rank);
}

/* Of requests `from` to `to` - 1. */
static Moved look(Mpi *mpi, int from, int to, int *rank, size_t *n)
{
    Status status;
    int at = -1, flag = 0, count = 0;
    if (from >= to) return MOVED_NOTHING;
    const int code = mpi->Testany(to - from, request(mpi, from), &at, &flag, &status);
    if (code == 0 && !flag) return MOVED_NOTHING;
    if (at < 0 || at >= to - from) return MOVED_NOTHING; /* whose error it is comes to light by silence */
    const int i = from + at;
    *rank = i % mpi->n_peers;
    mpi->turn = (i + 1) % (2 * mpi->n_peers);
    if (code != 0) {
        clear(mpi, i); /* what has failed is done with */
        return MOVED_LOST;
    }
    if (i >= mpi->n_peers) return MOVED_OUT;
    if (mpi->Get_count(&status, mpi->byte, &count) != 0 || count < 0) return MOVED_LOST;
    *n = (size_t)count;
    return MOVED_IN;
}

Moved mpi_look(Mpi *mpi, int *rank, size_t *n)
{
    const int turn = mpi->turn;
    Moved moved = look(mpi, turn, 2 * mpi->n_peers, rank, n);
    return moved == MOVED_NOTHING ? look(mpi, 0, turn, rank, n) : moved;
}
