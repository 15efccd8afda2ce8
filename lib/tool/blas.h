/* blas.h -- OpenBLAS on the kernels that fit the processor.
 *
 * OpenBLAS falls back to old kernels on processors that are newer than itself
 * (0.3.21 takes SSE3 ones, at a fifth of the speed), and reads OPENBLAS_CORETYPE
 * when it is loaded, before main(). */
#ifndef TOOL_BLAS_H
#define TOOL_BLAS_H

/* Call first thing in main().  Where the kernels are worse than the processor allows, or
 * better than NDPIPE_MACHINE does, and the user has set none, run the program again with
 * the right ones named in its environment (once, by a mark that is removed); and without
 * OpenBLAS's own threads, as ours run images.  Returns where nothing has to be or could be
 * done; exits with a message, 1, where there is no memory to say which. */
void blas_choose_kernels(char *argv[]);

/* For --version: "OpenBLAS 0.3.21, SkylakeX kernels", a line. */
const char *blas_kernels(void);

#endif
