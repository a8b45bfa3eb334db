/** Environment variables by name. Passed in, because only `bin/` reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;
