/* The children of a zygote, in a jail: forks them, confines them, waits for them.
 *
 * In C, because every program pays for what happens between the fork and its first line. Python
 * changes a counter in each object that it uses, and each such object makes the kernel copy a page:
 * some hundred pages for twenty system calls.
 *
 * How a child is confined is decided elsewhere (`confinement.py`); here it is a list of system
 * calls, which are made one after another. The first that fails ends the child.
 */
#include "native.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The arguments of `run`, which explains them. */
struct job {
    int supervisor;
    int own_pidfd;
    int tell;
    int first;
    int end;
    int has_init;
    const struct call *calls;
    size_t count;
};

static pid_t
wait_for(pid_t pid, int *status, struct rusage *usage)
{
    pid_t ended;
    do {
        ended = wait4(pid, status, 0, usage);
    } while (ended < 0 && errno == EINTR);
    return ended;
}

/* Tells the zygote why this child cannot be confined, and ends it. */
static void
give_up(int tell, const char *what)
{
    char text[300];
    int size = snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    if (size >= (int)sizeof text) {
        size = sizeof text - 1;
    }
    /* A failed write has no one to be reported to. */
    ssize_t written = write(tell, text, (size_t)size);
    (void)written;
    _exit(1);
}

/* Forks. The child returns; this process stays as the first of the PID namespace, to reap. */
static void
become_init(int status_end, int tell)
{
    /* A program of the same user could end this process by SIGINT through Python's handler, and
     * with it the account of its usage. Without a handler the kernel drops the signal. */
    struct sigaction none = {.sa_handler = SIG_DFL}, python;
    sigaction(SIGINT, &none, &python);
    pid_t pid = fork();
    if (pid < 0) {
        give_up(tell, "fork");
    }
    if (pid == 0) {
        sigaction(SIGINT, &python, NULL);
        return;
    }
    /* It keeps only this descriptor, so that readers of the program's output see its end. */
    if (status_end > 0) {
        syscall(SYS_close_range, 0, status_end - 1, 0);
    }
    syscall(SYS_close_range, status_end + 1, ~0U, 0);
    int status = 0;
    pid_t ended;
    do {
        ended = wait_for(-1, &status, NULL);
    } while (ended > 0 && ended != pid);
    /* If the status is not written, this process's own exit status counts as the program's: never a
     * success. */
    if (ended != pid || write(status_end, &status, sizeof status) != sizeof status) {
        _exit(1);
    }
    /* Kills and reaps the program's other processes, so that their CPU time is counted. */
    kill(-1, SIGKILL);
    while (wait_for(-1, NULL, NULL) > 0) {
    }
    _exit(1);
}

/* The whole content of a file without a name; NULL with an exception. */
static PyObject *
read_whole(int file)
{
    struct stat entry;
    if (fstat(file, &entry) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *data = PyBytes_FromStringAndSize(NULL, entry.st_size);
    if (data == NULL) {
        return NULL;
    }
    for (off_t done = 0; done < entry.st_size;) {
        ssize_t got = pread(file, PyBytes_AS_STRING(data) + done, entry.st_size - done, done);
        if (got <= 0) {
            if (got == 0) {
                errno = EIO;
            }
            Py_DECREF(data);
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        done += got;
    }
    return data;
}

/* In the child: confines it, and returns its payload to Python. */
static PyObject *
start_child(const struct job *job, int status_end)
{
    if (job->has_init) {
        become_init(status_end, job->tell);
    }
    PyObject *payload = read_whole(job->end - 1);
    if (payload == NULL) {
        give_up(job->tell, "the payload cannot be read");
    }
    long result;
    const struct call *failed = make_calls(job->calls, job->count, &result);
    if (failed != NULL) {
        give_up(job->tell, (const char *)(uintptr_t)failed->name);
    }
    return payload;
}

/* Waits for the child, and kills it on a message; exits with the supervisor. Returns -1 with errno
 * on failure. */
static int
watch(pid_t pid, int supervisor, int *status, struct rusage *usage)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        return -1;
    }
    struct pollfd watched[] = {{.fd = pidfd, .events = POLLIN}, {.fd = supervisor, .events = POLLIN}};
    int result = 0;
    while (watched[0].revents == 0) {
        if (poll(watched, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            result = -1;
            break;
        }
        if (watched[0].revents == 0 && watched[1].revents != 0) {
            char message;
            ssize_t size = recv(supervisor, &message, sizeof message, 0);
            kill(pid, SIGKILL);
            if (size <= 0) {
                _exit(0);
            }
        }
    }
    int error = errno;
    close(pidfd);
    errno = error;
    return result == 0 && wait_for(pid, status, usage) == pid ? 0 : -1;
}

/* Forks, if `own_pidfd` is set with a new PID namespace for the child, and waits for its end.
 *
 * In the child it returns 0 at once. Returns -1 with errno when there is no result to report. */
static pid_t
fork_and_watch(const struct job *job, int *status, struct rusage *usage)
{
    int in_namespace = job->own_pidfd >= 0;
    if (in_namespace && unshare(CLONE_NEWPID) < 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        return 0;
    }
    int error = pid < 0 ? errno : 0;
    if (in_namespace && setns(job->own_pidfd, CLONE_NEWPID) < 0 && error == 0) {
        error = errno;
    }
    if (pid > 0 && error == 0) {
        syscall(SYS_close_range, job->first, job->end - 1, 0);
        if (watch(pid, job->supervisor, status, usage) == 0) {
            return pid;
        }
        error = errno;
    }
    if (pid > 0) {
        kill(pid, SIGKILL);
        wait_for(pid, NULL, NULL);
    }
    errno = error;
    return -1;
}

const char run_doc[] = PyDoc_STR(
"run(supervisor, own_pidfd, tell, first, end, has_init, calls, /)\n"
"--\n\n"
"Forks a child and waits for its end. In the child, returns its payload as bytes, after `calls`.\n\n"
"In the zygote, returns the wait status, CPU seconds and peak memory in bytes, including those of\n"
"the processes that the child waited for.\n\n"
"supervisor: a message on it kills the child; when it is closed, this process exits.\n"
"own_pidfd: of the zygote, if the child gets a PID namespace; else -1.\n"
"tell: a child whose call fails writes the reason there, and exits.\n"
"first, end: the child's descriptors from `first` to before `end`, which are closed here; the last\n"
"is a file with its payload.\n"
"has_init: another process than the child is the first of the namespace.\n\n"
"Raises OSError: there is no child.");

PyObject *
run(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    struct job job;
    Py_buffer packed;
    if (!PyArg_ParseTuple(arguments, "iiiiipy*", &job.supervisor, &job.own_pidfd, &job.tell,
                          &job.first, &job.end, &job.has_init, &packed)) {
        return NULL;
    }
    PyObject *result = NULL;
    int status_ends[2] = {-1, -1};
    if (!calls_in(&packed, &job.calls, &job.count)) {
        goto done;
    }
    if (job.has_init && pipe(status_ends) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        goto done;
    }
    int status = 0;
    struct rusage usage;
    pid_t pid = fork_and_watch(&job, &status, &usage);
    if (pid == 0) {
        return start_child(&job, status_ends[1]);
    }
    if (pid < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        goto done;
    }
    if (job.has_init) {
        /* The first process saw how the program ended. */
        close(status_ends[1]);
        status_ends[1] = -1;
        int inner;
        if (read(status_ends[0], &inner, sizeof inner) == sizeof inner) {
            status = inner;
        }
    }
    double seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                     + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    result = Py_BuildValue("idL", status, seconds, (long long)usage.ru_maxrss * 1024);
done:
    for (int end = 0; end < 2; end++) {
        if (status_ends[end] >= 0) {
            close(status_ends[end]);
        }
    }
    PyBuffer_Release(&packed);
    return result;
}
