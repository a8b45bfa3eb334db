import { setTimeout as pause } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import type { Behaviour } from '../segment-proxy.ts';
import { passing } from '../segment-proxy.ts';
import type { Fault, Mend } from './fault.ts';

const LANES = ['Segment'] as const;
const SLOW_MS = 1_500;

/** Never answers. Its connections are broken at the end. */
const hole: Behaviour = () => undefined;

const slow: Behaviour = async (...request) => {
  await pause(SLOW_MS);
  await passing(...request);
};

/** It has been accepted, and the operator does not learn of it. */
const lost: Behaviour = async (request, response, pass) => {
  await pass(request);
  response.destroy();
};

function answering(status: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end('{}');
  };
}

/** Refuses for good each batch that holds one of about a sixteenth of all messages. */
function poisoned({ segment }: Scene, { choice }: Step): Mend {
  const digit = Math.floor(choice * 16).toString(16);
  segment.behave(async (request, response, pass) => {
    const { batch } = JSON.parse(request.body.toString()) as {
      readonly batch: readonly { readonly messageId: string }[];
    };
    const isPoisoned = batch.some(({ messageId }) => messageId.startsWith(digit));
    await (isPoisoned ? answering(400) : passing)(request, response, pass);
  });
  return segment.mend;
}

function behaving(name: string, behaviour: Behaviour): Fault {
  const inject = ({ segment }: Scene): Mend => {
    segment.behave(behaviour);
    return segment.mend;
  };
  return { name: `Segment: ${name}`, lanes: LANES, weight: 1, lastsMs: [500, 3_000], inject };
}

async function refuse({ front }: Scene): Promise<Mend> {
  await front.shut();
  return front.open;
}

function invalidTls({ front, certificates }: Scene): Mend {
  front.present(certificates.wrong);
  return () => front.present(certificates.right);
}

/** What becomes of the way to the endpoint, which both operators go. */
export const SEGMENT_FAULTS: readonly Fault[] = [
  {
    name: 'Segment: refused',
    lanes: LANES,
    weight: 1,
    lastsMs: [500, 3_000],
    inject: refuse,
  },
  {
    name: 'Segment: invalid TLS',
    lanes: LANES,
    weight: 1,
    lastsMs: [500, 3_000],
    inject: invalidTls,
  },
  {
    name: 'Segment: poison events',
    lanes: LANES,
    weight: 1,
    lastsMs: [1_000, 5_000],
    inject: poisoned,
  },
  behaving('black hole', hole),
  behaving('slow', slow),
  { ...behaving('acknowledgement lost', lost), weight: 3 },
  behaving('429', answering(429, { 'Retry-After': '1' })),
  behaving('500', answering(500)),
  behaving('302', answering(302, { Location: 'https://login.invalid/' })),
];
