/** An argument of a command line that cannot be used. Its message says what to write instead. */
export class UsageError extends Error {}
