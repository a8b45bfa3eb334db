import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { ledgerStore } from '../../src/cluster/ledger-configmap.ts';

const CREATED = '2026-11-23T11:00:00Z';
const LATER = '2026-11-23T12:00:00Z';
const seconds = (time: string) => Date.parse(time) / 1000;

/** A store of one ConfigMap, and the bodies it received. */
function setup(metadata: Readonly<Record<string, unknown>>) {
  const object = { metadata: { resourceVersion: '7', creationTimestamp: CREATED, ...metadata } };
  const bodies: unknown[] = [];
  const request = (async (_: string, { body }: KubeRequestOptions) => {
    if (body !== undefined) bodies.push(JSON.parse(JSON.stringify(body)));
    return { body: jsonBody(object) };
  }) as unknown as KubeRequest;
  return { ...ledgerStore({ request, namespace: 'kusk-system' }), bodies };
}

describe('when an empty ledger was created or last changed', () => {
  const cases = [
    { title: 'is its creation', metadata: {}, expected: CREATED },
    {
      title: 'is its creation if it has not changed since',
      metadata: { managedFields: [{ manager: 'helm', time: CREATED }, { manager: 'old' }] },
      expected: CREATED,
    },
    {
      title: 'is its latest change',
      metadata: { managedFields: [{ time: CREATED }, { time: LATER }, { time: CREATED }] },
      expected: LATER,
    },
  ];
  for (const { title, metadata, expected } of cases) {
    it(title, async () => {
      const map = await setup(metadata).read(new AbortController().signal);
      assert.equal(map?.changedAt, seconds(expected));
      assert.equal(map?.resourceVersion, '7');
    });
  }

  it('must be in the response', async () => {
    const reading = setup({ creationTimestamp: undefined }).read(new AbortController().signal);
    await assert.rejects(reading, { message: 'sent a ConfigMap without time or resourceVersion' });
  });
});

describe('a write of the ledger', () => {
  it('sends the resourceVersion that was read, and keeps the data of others', async () => {
    const { read, write, bodies } = setup({ uid: 'its-uid', labels: { team: 'a' } });
    const { signal } = new AbortController();
    const map = await read(signal);
    assert.ok(map);
    await write('{}', map, signal);
    const annotations = { 'telemetry.kusk.io/written': 'its-uid' };
    assert.deepEqual(bodies, [
      {
        metadata: {
          resourceVersion: '7',
          creationTimestamp: CREATED,
          uid: 'its-uid',
          labels: { team: 'a' },
          annotations,
        },
        data: { 'ledger.json': '{}' },
      },
    ]);
  });
});

describe('the annotation of a written ledger', () => {
  const cases = [
    { title: 'is its own UID', mark: 'its-uid', copied: false },
    { title: 'is that of version 0.1.0', mark: 'true', copied: false },
    { title: 'is the UID of another', mark: 'another-uid', copied: true },
    { title: 'is absent', mark: undefined, copied: false },
  ];
  for (const { title, mark, copied } of cases) {
    it(`${title}: it is ${copied ? 'a copy' : 'no copy'}`, async () => {
      const annotations = mark && { 'telemetry.kusk.io/written': mark };
      const { read } = setup({ uid: 'its-uid', annotations });
      const map = await read(new AbortController().signal);
      assert.equal(map?.copied, copied);
      assert.equal(map?.emptied, mark !== undefined);
    });
  }
});

describe('the annotation of a rendered ledger', () => {
  for (const [rendered, renderedOff] of [
    ['off', true],
    ['on', false],
    [undefined, false],
  ] as const) {
    it(`is ${rendered ?? 'absent'}`, async () => {
      const annotations = rendered && { 'telemetry.kusk.io/rendered': rendered };
      const map = await setup({ annotations }).read(new AbortController().signal);
      assert.equal(map?.renderedOff, renderedOff);
    });
  }
});

describe('a ledger that was deleted', () => {
  for (const [status, message] of [
    [403, 'the ConfigMap kusk-gateway-ledger is missing'],
    [500, 'answered 500'],
  ] as const) {
    it(`and cannot be created for a ${status}: ${message}`, async () => {
      const request = (async () => {
        throw new KubeStatusError(status);
      }) as unknown as KubeRequest;
      const { create } = ledgerStore({ request, namespace: 'kusk-system' });
      await assert.rejects(create(new AbortController().signal), { message });
    });
  }
});
