/* bcryptprimitives.dll for Wine 8, which has none: the one function that Rust's std takes from it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T length) {
    for (; length > 65536; to += 65536, length -= 65536)
        if (!SystemFunction036(to, 65536)) return FALSE;
    return SystemFunction036(to, (ULONG)length);
}
