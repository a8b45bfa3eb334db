import { dirname } from 'node:path';

/** The checkout. */
export const ROOT = dirname(import.meta.dirname);
