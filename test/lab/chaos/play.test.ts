import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault } from '../../../lab/chaos/faults/fault.ts';
import { play } from '../../../lab/chaos/play.ts';
import type { Scene } from '../../../lab/chaos/scene.ts';

/** Plays faults by name, each in a lane of its own, in parallel. */
function setup(names: readonly string[], onStep: (index: number) => Promise<void>) {
  const seen: string[] = [];
  const fault = (name: string, inject: Fault['inject']): Fault => {
    return { name, lanes: [name], weight: 1, lastsMs: [0, 0], inject };
  };
  const faults = [
    fault('mended', () => () => void seen.push('mended')),
    fault('fails', async () => {
      throw new Error('no way');
    }),
    { ...fault('from rest', () => () => void seen.push('from rest')), fromRest: true },
  ];
  const steps = names.map((name) => ({ name, lane: name, afterMs: 0, lastsMs: 0, choice: 0 }));
  const played = play(steps, {
    scene: {} as Scene,
    faults,
    rest: async () => void seen.push('rest'),
    onStep: async (_, index) => await onStep(index),
    signal: new AbortController().signal,
  });
  return { seen, played };
}

describe('playing a schedule', () => {
  it('mends each fault, and waits for rest before those that ask for it', async () => {
    const { seen, played } = setup(['mended', 'from rest', 'mended'], async () => {});
    await played;
    assert.deepEqual(seen, ['mended', 'rest', 'from rest', 'mended']);
  });

  it('ends with what could not be injected, though a turn never comes, with all else mended', async () => {
    const never = new Promise<void>(() => {});
    const { seen, played } = setup(['mended', 'fails', 'mended'], (index) =>
      index === 2 ? never : Promise.resolve(),
    );
    await assert.rejects(played, /^Error: fails, fails: no way$/);
    assert.deepEqual(seen, ['mended']);
  });
});
