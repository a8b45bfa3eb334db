import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EventName, Message, OperatorEventName, TelemetryEvent } from '../src/event.ts';
import type { OccurrenceName, TrackEventOptions } from '../src/record/events.ts';

const ROOT = resolve(import.meta.dirname, '..');

const ids = { messageId: 'm', anonymousId: 'a', userId: 'a', timestamp: '2026-11-23T00:00:00Z' };
const TRACK = { anonymousId: 'a', subject: '', at: 0 };
const SESSION = { event: 'session' } as const;

/** Each line below an `@ts-expect-error` must not compile: `npm run check` fails if one does. */
export const mustNotCompile = {
  // @ts-expect-error A misspelt name.
  install: 'instal' satisfies EventName,
  // @ts-expect-error Another one.
  heartbeat: 'heartbaet' satisfies OperatorEventName,
  // @ts-expect-error An event of another source.
  session: 'session' satisfies OperatorEventName,
  // @ts-expect-error The opt-out is tried once and never pending.
  optOut: 'analytics-disabled' satisfies OccurrenceName,
  // @ts-expect-error An event of another source in a whole message.
  foreign: { ...ids, event: 'kusk-gateway', properties: SESSION } satisfies TelemetryEvent,
  // @ts-expect-error An event of another source in the options of a message.
  track: { ...TRACK, source: 'kusk-cli', name: 'heartbeat' } satisfies TrackEventOptions,
  // @ts-expect-error A property that is not meant to leave.
  more: { event: 'install', namespace: 'shop' } satisfies Message['properties'],
};

/** Changes to a copy of `src/`, and the files in which the compiler must report an error. */
const changes: readonly {
  readonly title: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly stops: readonly string[];
}[] = [
  {
    title: 'a property that is added to an event',
    file: 'event.ts',
    from: 'readonly event: Name;',
    to: 'readonly event: Name; readonly command: string;',
    stops: [
      'collector/ingest/validate.ts',
      'collector/store/sqlite/queries.ts',
      'collector/store/sqlite/recorder.ts',
      'deliver/payload.ts',
      'record/events.ts',
    ],
  },
  {
    title: 'an optional property that is added to an event',
    file: 'event.ts',
    from: 'readonly event: Name;',
    to: 'readonly event: Name; readonly command?: string;',
    stops: [
      'collector/ingest/validate.ts',
      'collector/store/sqlite/queries.ts',
      'collector/store/sqlite/recorder.ts',
      'deliver/payload.ts',
    ],
  },
  {
    title: 'a kind that has no event',
    file: 'event.ts',
    from: '  EnvoyFleet: { created:',
    to: "  Route: { article: 'a' },\n  EnvoyFleet: { created:",
    stops: ['event.ts'],
  },
  {
    title: 'a misspelt install',
    file: 'record/recorder.ts',
    from: "name: 'install'",
    to: "name: 'instal'",
    stops: ['record/recorder.ts'],
  },
  {
    title: 'a misspelt heartbeat',
    file: 'record/recorder.ts',
    from: "name: 'heartbeat'",
    to: "name: 'heartbaet'",
    stops: ['record/recorder.ts'],
  },
  {
    title: 'a misspelt opt-out',
    file: 'record/events.ts',
    from: "{ event: 'analytics-disabled' }",
    to: "{ event: 'analytics-disable' }",
    stops: ['record/events.ts'],
  },
];

describe('the compiler', () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'kusk-types-'));
    await cp(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
    const config = JSON.parse(await readFile(join(ROOT, 'tsconfig.json'), 'utf8'));
    await writeFile(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, include: ['src'] }));
    await cp(join(ROOT, 'package.json'), join(copy, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rm(copy, { recursive: true }));

  for (const { title, file, from, to, stops } of changes) {
    it(`reports ${title}`, async () => {
      const path = join(copy, 'src', file);
      const original = await readFile(path, 'utf8');
      assert.ok(original.includes(from), `${file} has no ${from}`);
      await writeFile(path, original.replace(from, to));
      const stopped = await filesWithErrors(copy);
      await writeFile(path, original);
      assert.deepEqual(
        stops.filter((stop) => !stopped.includes(stop)),
        [],
        `it reported ${stopped.join(', ') || 'nothing'}`,
      );
    });
  }
});

/** Returns the files of `src/` in which the compiler finds errors. */
async function filesWithErrors(folder: string): Promise<readonly string[]> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const output = await new Promise<string>((done) => {
    execFile(tsc, ['-p', folder], { cwd: folder }, (_, stdout) => done(stdout));
  });
  const files = output
    .matchAll(/^src\/([\w/.-]+)\(\d+,\d+\): error/gm)
    .map(([, file = '']) => file);
  return [...new Set(files)];
}
