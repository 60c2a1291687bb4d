/* The module `_native`. */
#include "native.h"

static PyMethodDef methods[] = {
    {"address_of", address_of, METH_O, address_of_doc},
    {"make", make, METH_O, make_doc},
    {"run", run, METH_VARARGS, run_doc},
    {"use_large_pages", use_large_pages, METH_NOARGS, use_large_pages_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = PyDoc_STR("What Python lacks or does too slowly."),
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
