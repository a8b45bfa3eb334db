/** The exit code of a check that needs a program which can't be had on this machine: EX_UNAVAILABLE of sysexits.h. */
export const UNAVAILABLE = 69;
