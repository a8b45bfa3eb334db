import { sentPayload } from '../../deliver/payload.ts';
import { CATALOGUE, type CatalogueEntry, CREATED, type Message, utcDay } from '../../event.ts';
import {
  clusterId as hashed,
  startOfDay,
  type TrackEventOptions,
  trackEvent,
} from '../../record/events.ts';
import type { PreviewView } from './view.ts';

export interface PreviewOptions {
  /** `undefined` if it is unknown. */
  readonly clusterId: string | undefined;
  /** The time in the previews, in milliseconds since the epoch. */
  readonly atMs: number;
}

const NO_ID = '0'.repeat(64);
const EXAMPLE_UID = '8d5f3a52-64b1-4a2b-8f5e-1f2a3b4c5d6e';
const CREATIONS: readonly string[] = Object.values(CREATED);

const NOTES = {
  random:
    'Both ids are examples: each such event gets random ones, so that its ids can be joined with nothing.',
  machine: 'Zeros stand for the id of the machine. See the real one: kusk analytics preview',
  creation: `The UID is an example, and so is the messageId: ${EXAMPLE_UID}.`,
  unknown: 'Zeros stand for the id of the cluster, which is not known.',
} as const;

/** Returns each event of the catalogue as it would leave now. */
export function previewsOf(options: PreviewOptions): readonly PreviewView[] {
  return CATALOGUE.map((entry) => ({ entry, ...previewOf(entry, options) }));
}

function previewOf(entry: CatalogueEntry, options: PreviewOptions): Omit<PreviewView, 'entry'> {
  if (entry.number === 5 || entry.number === 6) {
    return { body: bodyOf(randomExample(entry, options)), note: NOTES.random };
  }
  return { body: bodyOf(trackEvent(trackOptions(entry, options))), note: noteOf(entry, options) };
}

function trackOptions(
  { source, name }: CatalogueEntry,
  options: PreviewOptions,
): TrackEventOptions {
  const { clusterId, atMs } = options;
  const anonymousId = source === 'kusk-gateway' ? (clusterId ?? NO_ID) : NO_ID;
  const subject = subjectOf({ source, name }, atMs);
  // The catalogue has this name for this source.
  return { source, name, anonymousId, subject, at: Math.floor(atMs / 1000) } as TrackEventOptions;
}

function subjectOf(
  { source, name }: Pick<CatalogueEntry, 'source' | 'name'>,
  atMs: number,
): string {
  if (CREATIONS.includes(name)) return EXAMPLE_UID;
  const isDaily = name === 'heartbeat' || (source === 'kusk-cli' && name !== 'install');
  return isDaily ? utcDay(atMs) : '';
}

function noteOf({ source, name }: CatalogueEntry, { clusterId }: PreviewOptions): string {
  if (source !== 'kusk-gateway') return NOTES.machine;
  const unknown = clusterId === undefined ? NOTES.unknown : '';
  return CREATIONS.includes(name) ? `${NOTES.creation} ${unknown}`.trim() : unknown;
}

function randomExample(
  { source, name, number }: CatalogueEntry,
  { atMs }: PreviewOptions,
): Message {
  const id = hashed('an example');
  return {
    messageId: hashed('its message'),
    anonymousId: id,
    userId: id,
    event: source,
    properties: { event: name as Message['properties']['event'] },
    timestamp: entryTime(number, atMs),
  };
}

/** A session has the time of its day's start. */
function entryTime(number: CatalogueEntry['number'], atMs: number): string {
  return number === 6 ? startOfDay(atMs) : new Date(atMs).toISOString();
}

function bodyOf(event: Message): string {
  return JSON.stringify(sentPayload(event));
}
