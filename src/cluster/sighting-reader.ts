import { jsonScanner } from './json-scanner.ts';
import { readList } from './list-body.ts';
import { METADATA_LIST, METADATA_WATCH, sightingOf, WATCH_SHAPE } from './metadata.ts';
import type { ObjectReader } from './object-reader.ts';

/** Requests metadata only, and keeps three fields of it. */
export const sightingReader: ObjectReader = {
  listAccept: METADATA_LIST,
  watchAccept: METADATA_WATCH,
  readsChanges: false,
  readList,
  watchScanner: (onEvent) => jsonScanner({ shape: WATCH_SHAPE, onValue: onEvent }),
  itemOf: sightingOf,
};
