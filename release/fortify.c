/* What LLVM's unwinder, compiled for glibc, calls and musl has not: fprintf with a check that its caller has made. */
#include <stdarg.h>
#include <stdio.h>

int __fprintf_chk(FILE *to, int flag, const char *format, ...) {
    va_list rest;
    (void)flag;
    va_start(rest, format);
    int written = vfprintf(to, format, rest);
    va_end(rest);
    return written;
}
