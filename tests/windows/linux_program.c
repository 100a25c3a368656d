/* A program of Linux as one of Windows: put into a folder of PATH in Wine as `git.exe`, this runs `git`. Wine starts
 * programs of Linux but tells nobody when they end, so `linux_program.py` runs it and leaves files. Of Windows it has
 * what fieldlock depends on: how arguments are quoted, which environment and folder it gets, how output comes back. */
#include <windows.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static WCHAR base[MAX_PATH];

static HANDLE opened(const WCHAR *kind, DWORD access, DWORD how)
{
    WCHAR path[MAX_PATH + 8];
    swprintf(path, MAX_PATH + 8, L"%ls.%ls", base, kind);
    return CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, how, 0, NULL);
}

static void text(HANDLE to, const WCHAR *from)
{
    char bytes[65536];
    DWORD done;
    int length = WideCharToMultiByte(CP_UTF8, 0, from, -1, bytes, sizeof bytes, NULL, NULL);
    /* the NUL too: it ends each */
    WriteFile(to, bytes, length, &done, NULL);
}

static void copied(HANDLE from, HANDLE to)
{
    char bytes[65536];
    DWORD got, done;
    while (ReadFile(from, bytes, sizeof bytes, &got, NULL) && got > 0)
        WriteFile(to, bytes, got, &done, NULL);
}

static void given(const WCHAR *kind, DWORD to)
{
    HANDLE file = opened(kind, GENERIC_READ, OPEN_EXISTING);
    copied(file, GetStdHandle(to));
    CloseHandle(file);
}

int wmain(int count, WCHAR **arguments)
{
    WCHAR own[MAX_PATH], folder[MAX_PATH], command[4 * MAX_PATH], temporary[MAX_PATH];
    DWORD mode, got = 0;
    char code[16] = "";
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), file;

    GetModuleFileNameW(NULL, own, MAX_PATH);
    GetCurrentDirectoryW(MAX_PATH, folder);
    GetTempPathW(MAX_PATH, temporary);
    swprintf(base, MAX_PATH, L"%lslinux-%lu-%lu", temporary, GetCurrentProcessId(), GetTickCount());

    file = opened(L"call", GENERIC_WRITE, CREATE_ALWAYS);
    text(file, own);
    text(file, folder);
    for (int at = 1; at < count; at++)
        text(file, arguments[at]);
    CloseHandle(file);
    file = opened(L"environment", GENERIC_WRITE, CREATE_ALWAYS);
    for (WCHAR *one = GetEnvironmentStringsW(); *one; one += wcslen(one) + 1)
        text(file, one);
    CloseHandle(file);
    file = opened(L"stdin", GENERIC_WRITE, CREATE_ALWAYS);
    if (!GetConsoleMode(in, &mode))
        copied(in, file);
    CloseHandle(file);

    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    swprintf(command, 4 * MAX_PATH, L"env python3 \"" RUNNER "\" \"" DRIVES "\" \"%ls\"", base);
    if (!CreateProcessW(L"\\\\?\\unix\\usr\\bin\\env", command, NULL, NULL, FALSE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "no program of Linux can be started: %lu\n", GetLastError());
        return 126;
    }
    while ((file = opened(L"code", GENERIC_READ, OPEN_EXISTING)) == INVALID_HANDLE_VALUE)
        Sleep(5);
    ReadFile(file, code, sizeof code - 1, &got, NULL);
    CloseHandle(file);
    given(L"stdout", STD_OUTPUT_HANDLE);
    given(L"stderr", STD_ERROR_HANDLE);
    for (const WCHAR **kind = (const WCHAR *[]){L"call", L"environment", L"stdin", L"stdout", L"stderr", L"code", NULL};
         *kind; kind++) {
        WCHAR path[MAX_PATH + 16];
        swprintf(path, MAX_PATH + 16, L"%ls.%ls", base, *kind);
        DeleteFileW(path);
    }
    int ended = 125;
    sscanf(code, "%d", &ended);
    return ended;
}
