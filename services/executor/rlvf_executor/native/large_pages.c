/* Moves the interpreter's code to large pages, once, in a process that will fork many children.
 *
 * Gain: a fork does not copy page table entries of code that is mapped from a file. Each child had
 * some forty page faults on its way through the interpreter, and freed some seven hundred pages at
 * its end: 0.25 of 3 ms of a small program's CPU time. A large page is copied, and freed, as one
 * entry.
 *
 * Safety: the bytes and their addresses are the same, and stay read-only. The constants beside the
 * code become executable too, which gives a program nothing, because it may map executable memory of
 * its own. If anything is not as expected, nothing is changed.
 */
#include "native.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define LARGE ((uintptr_t)2 << 20)
#define SMALL ((uintptr_t)4096)

static uintptr_t
rounded_up(uintptr_t address, uintptr_t size)
{
    return (address + size - 1) & -size;
}

static long
page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* Replaces a range by its copy on large pages, in one step; returns 0 if it stayed as it was. */
static int
move(uintptr_t start, size_t size)
{
    char *room = mmap(NULL, size + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        return 0;
    }
    char *copy = (char *)rounded_up((uintptr_t)room, LARGE), *end = room + size + LARGE;
    if (copy > room) {
        munmap(room, (size_t)(copy - room));
    }
    if (end > copy + size) {
        munmap(copy + size, (size_t)(end - copy) - size);
    }
    int moved = 0;
    if (madvise(copy, size, MADV_HUGEPAGE) == 0) {
        long faults = page_faults();
        memcpy(copy, (const void *)start, size);
        /* Without large pages each small page was a fault, and forks would cost more. */
        moved = page_faults() - faults < (long)(size / SMALL / 2)
                && mprotect(copy, size, PROT_READ | PROT_EXEC) == 0
                && mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, start) != MAP_FAILED;
    }
    if (!moved) {
        munmap(copy, size);
    }
    return moved;
}

/* Moves the whole large pages within a range. */
static int
move_whole(uintptr_t start, uintptr_t end)
{
    uintptr_t first = rounded_up(start, LARGE), last = end & -LARGE;
    return first < last && move(first, last - first);
}

/* A segment's first address and the one after its last, in whole pages; returns 0 if it is
 * writable or not loaded. */
static int
is_fixed(const struct dl_phdr_info *library, int index, uintptr_t *start, uintptr_t *end)
{
    const ElfW(Phdr) *segment = &library->dlpi_phdr[index];
    *start = (library->dlpi_addr + segment->p_vaddr) & -SMALL;
    *end = rounded_up(library->dlpi_addr + segment->p_vaddr + segment->p_memsz, SMALL);
    return segment->p_type == PT_LOAD && !(segment->p_flags & PF_W);
}

static int
holds(const struct dl_phdr_info *library, uintptr_t address)
{
    uintptr_t start, end;
    for (int index = 0; index < library->dlpi_phnum; index++) {
        if (is_fixed(library, index, &start, &end) && start <= address && address < end) {
            return 1;
        }
    }
    return 0;
}

/* For dl_iterate_phdr(3): in the library that holds the interpreter, moves each run of adjacent
 * read-only segments, which are the code and the constants beside it (elf(5)). */
static int
move_code(struct dl_phdr_info *library, size_t Py_UNUSED(size), void *moved)
{
    if (!holds(library, (uintptr_t)&Py_GetVersion)) {
        return 0;
    }
    uintptr_t start = 0, end = 0, next_start, next_end;
    for (int index = 0; index < library->dlpi_phnum; index++) {
        if (!is_fixed(library, index, &next_start, &next_end)) {
            continue;
        }
        if (next_start != end) {
            *(int *)moved |= move_whole(start, end);
            start = next_start;
        }
        end = next_end;
    }
    *(int *)moved |= move_whole(start, end);
    return 1;
}

const char use_large_pages_doc[] = PyDoc_STR(
"use_large_pages()\n"
"--\n\n"
"Moves the interpreter's code to large pages; returns False if it stayed as it was.\n\n"
"For a process with one thread, on x86-64; not tested on other machines.");

PyObject *
use_large_pages(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    int moved = 0;
#ifdef __x86_64__
    dl_iterate_phdr(move_code, &moved);
#endif
    return PyBool_FromLong(moved);
}
