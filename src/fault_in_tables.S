/* Where the program begins. A static-pie writes its address into every table of addresses before main, a hundred pages
   of them (most are OpenSSL's), and each page would be a fault of its own: where a page fault is dear, as in a virtual
   machine within another, they are a quarter of the start. This asks for all of them, and for .bss behind them, in one
   system call: madvise(first page, length, MADV_POPULATE_WRITE), of Linux 5.14. An older kernel refuses it, and the
   pages come one by one. Nothing is relocated yet, so this may use no table itself; rdx and the stack are the C
   library's, which goes on at _start. */
#include <cet.h>

    .text
    .globl  sidecar_start
    .type   sidecar_start, @function
sidecar_start:
    _CET_ENDBR
    mov     %rdx, %r8
    lea     __init_array_start(%rip), %rdi  /* before all that is relocated */
    and     $-4096, %rdi
    lea     _end(%rip), %rsi
    sub     %rdi, %rsi
    mov     $23, %edx  /* MADV_POPULATE_WRITE */
    mov     $28, %eax  /* madvise */
    syscall
    mov     %r8, %rdx
    jmp     _start
    .size   sidecar_start, . - sidecar_start

    .section .note.GNU-stack, "", @progbits
