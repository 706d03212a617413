/* Counts what a program takes from the heap: preloaded into the server by `martlet-bench --row allocations`.
 *
 * The counts stand in the file that ALLOCATION_COUNTS names, as two numbers of eight bytes: how many pieces were asked for,
 * and how many bytes. Whoever maps the file reads them while the program runs. A piece that is resized counts as a new
 * one. The work itself is left to the names under which glibc keeps its own functions.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *piece, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

struct counts {
    _Atomic uint64_t pieces;
    _Atomic uint64_t bytes;
};

/* Where counting goes until the file is there, and where it stays without one. */
static struct counts nowhere;
static struct counts *counts = &nowhere;

__attribute__((constructor)) static void open_counts(void) {
    const char *path = getenv("ALLOCATION_COUNTS");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *memory = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED) counts = memory;
    close(file);
}

static inline void count(size_t size) {
    atomic_fetch_add_explicit(&counts->pieces, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *piece, size_t size) {
    count(size);
    return __libc_realloc(piece, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **piece, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    count(size);
    *piece = __libc_memalign(alignment, size);
    return *piece == NULL ? ENOMEM : 0;
}
