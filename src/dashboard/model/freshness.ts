import { reasonOf } from '../../cluster/errors.ts';
import type { Time } from '../../runtime/time.ts';
import type { Link } from './link.ts';
import type { CommandFlags, ConnectionView } from './view.ts';

/** Whether the facts are as new as the connection. One request that always fails keeps them old. */
export interface Freshness {
  /** Records that all facts were read. */
  readonly succeeded: () => void;
  /** Records that at least one of them could not be read. */
  readonly failed: (error: unknown) => void;
  /** Returns the state of the connection: `partial` if it is connected, and the facts are old. */
  readonly view: () => ConnectionView;
  /** Returns when what is shown was read, in ISO 8601; `undefined` if it never was. */
  readonly asOf: () => string | undefined;
}

export interface FreshnessOptions {
  readonly connection: Pick<Link, 'view' | 'asOf'>;
  readonly time: Pick<Time, 'now' | 'steady'>;
  readonly flags: Pick<CommandFlags, 'kusk'>;
  readonly onChange: () => void;
}

/** Facts that are older than this are old once another read has failed, in milliseconds. */
const OLD_MS = 5_000;

export function freshness({ connection, time, flags, onChange }: FreshnessOptions): Freshness {
  const advice = `Another attempt follows. If this stays, see what fails: kusk cluster check${flags.kusk}`;
  let readAt: string | undefined;
  let until = time.steady() + OLD_MS;
  let old: ConnectionView | undefined;
  const iso = () => new Date(time.now()).toISOString();

  function become(next: ConnectionView | undefined): void {
    const isSame = next?.problem === old?.problem;
    old = isSame ? old : next;
    if (!isSame) onChange();
  }

  const isPartial = () => old !== undefined && connection.view().state === 'connected';

  return {
    succeeded() {
      readAt = iso();
      until = time.steady() + OLD_MS;
      become(undefined);
    },
    failed(error) {
      if (time.steady() < until) return;
      const problem = `the last attempt to read all of it failed: ${reasonOf(error)}`;
      become({ state: 'partial', since: old?.since ?? readAt ?? iso(), problem, advice });
    },
    view: () => (old !== undefined && isPartial() ? old : connection.view()),
    asOf: () => (isPartial() ? readAt : connection.asOf()),
  };
}
