/* Lists of system calls (`kernel.Calls`). */
#include "native.h"

#include <sys/syscall.h>
#include <unistd.h>

int
calls_in(const Py_buffer *packed, const struct call **calls, size_t *count)
{
    *calls = packed->buf;
    *count = (size_t)packed->len / sizeof(struct call);
    if (*count == 0 || (size_t)packed->len % sizeof(struct call) != 0) {
        PyErr_SetString(PyExc_ValueError, "not a list of system calls");
        return 0;
    }
    return 1;
}

const struct call *
make_calls(const struct call *calls, size_t count, long *result)
{
    for (const struct call *call = calls; call < calls + count; call++) {
        const uint64_t *of = call->arguments;
        *result = syscall(call->number, of[0], of[1], of[2], of[3], of[4], of[5]);
        if (*result < 0) {
            return call;
        }
    }
    return NULL;
}

const char make_doc[] = PyDoc_STR(
"make(calls, /)\n"
"--\n\n"
"Makes the calls in this process, and returns the result of the last.\n\n"
"Raises OSError with the name of the first that fails.");

PyObject *
make(PyObject *Py_UNUSED(module), PyObject *packed)
{
    Py_buffer buffer;
    if (PyObject_GetBuffer(packed, &buffer, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *made = NULL;
    const struct call *calls;
    size_t count;
    long result = 0;
    if (calls_in(&buffer, &calls, &count)) {
        const struct call *failed = make_calls(calls, count, &result);
        made = failed == NULL
            ? PyLong_FromLong(result)
            : PyErr_SetFromErrnoWithFilename(PyExc_OSError, (const char *)(uintptr_t)failed->name);
    }
    PyBuffer_Release(&buffer);
    return made;
}

const char address_of_doc[] = PyDoc_STR(
"address_of(data, /)\n"
"--\n\n"
"The address of the first byte of a bytes object, valid while the object lives.");

PyObject *
address_of(PyObject *Py_UNUSED(module), PyObject *data)
{
    char *bytes = PyBytes_AsString(data);
    return bytes == NULL ? NULL : PyLong_FromUnsignedLongLong((uintptr_t)bytes);
}
