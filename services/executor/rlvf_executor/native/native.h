/* What Python lacks or does too slowly, for the processes in jails. */
#ifndef RLVF_NATIVE_H
#define RLVF_NATIVE_H

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>

/* One system call, as `kernel.Calls` packs it. */
struct call {
    uint64_t name; /* Address of its name, for messages. */
    int64_t number;
    uint64_t arguments[6];
};

/* Reads the list in a buffer; returns 0 with an exception when it is not one. */
int calls_in(const Py_buffer *packed, const struct call **calls, size_t *count);

/* Makes calls one after another; `result` is that of the last.
 *
 * Returns the first that failed, with errno set, or NULL. */
const struct call *make_calls(const struct call *calls, size_t count, long *result);

PyObject *make(PyObject *module, PyObject *packed);
extern const char make_doc[];
PyObject *address_of(PyObject *module, PyObject *data);
extern const char address_of_doc[];
PyObject *run(PyObject *module, PyObject *arguments);
extern const char run_doc[];
PyObject *use_large_pages(PyObject *module, PyObject *unused);
extern const char use_large_pages_doc[];

#endif
