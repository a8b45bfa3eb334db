import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type ApiRequest,
  countInTurn,
  isClientGo,
  isOfMode,
  receivedAt,
  requestsSince,
} from './audit.ts';
import type { Figure, Line } from './line.ts';
import { cpuSecondsOf } from './proc.ts';
import { readyAt, type Stage } from './stage.ts';
import { openWire, type Wire } from './wire.ts';

const RIGHTS = resolve(import.meta.dirname, '../../deploy/rbac.yaml');
const SETTLE_MS = 10_000;
/** Longer than from one request of each to its next. */
const MORE_MS = 10_000;

/** One of the programs that are at rest side by side. */
interface Program {
  readonly name: string;
  readonly pid: number;
  readonly wire: Wire;
  readonly isOf: (request: ApiRequest) => boolean;
}

/** What it has used so far. */
interface Used {
  readonly cpu: number;
  readonly kib: number;
}

/**
 * The operator and client-go programs with the same watches, side by side, at rest: one that renews
 * its lease as often as the operator, and one that does so as Kubernetes' own components.
 */
export async function rest(stage: Stage, seconds: number): Promise<readonly Line[]> {
  await stage.forget();
  await using stack = new AsyncDisposableStack();
  const wire = await openWire(stage, 'operator-wire');
  stack.defer(wire.close);
  const operator = stack.use(await stage.start({ kubeconfig: wire.kubeconfig }));
  const ours = {
    name: 'operator',
    pid: operator.process.pid ?? 0,
    wire,
    isOf: (request: ApiRequest) => !isClientGo(request),
  };
  const alike = await clientGo(stage, stack, {
    mode: 'rest',
    name: 'client-go, renewing as often',
  });
  const usual = await clientGo(stage, stack, {
    mode: 'rest-defaults',
    name: 'client-go with its defaults',
  });
  await readyAt(operator);
  const measured = await measure(stage, { programs: [ours, alike, usual], seconds });
  await operator.stop();
  return linesOf(measured, seconds);
}

interface ClientGoOptions {
  readonly mode: string;
  readonly name: string;
}

async function clientGo(
  stage: Stage,
  stack: AsyncDisposableStack,
  { mode, name }: ClientGoOptions,
): Promise<Program> {
  await stage.lab.cp.grant(RIGHTS, { namespace: mode });
  const wire = await openWire(stage, `${mode}-wire`);
  stack.defer(wire.close);
  const child = stack.use(stage.clientGo(mode, wire.kubeconfig, mode));
  await child.ready;
  return { name, pid: child.pid, wire, isOf: (request) => isOfMode(request, mode) };
}

type Measured = Readonly<Record<'cpu' | 'requests' | 'kib', readonly Figure[]>>;

interface MeasureOptions {
  readonly programs: readonly Program[];
  readonly seconds: number;
}

async function measure(stage: Stage, options: MeasureOptions): Promise<Measured> {
  const { programs, seconds } = options;
  await setTimeout(SETTLE_MS);
  const before = await Promise.all(programs.map(used));
  const since = Date.now();
  await setTimeout(seconds * 1000);
  const after = await Promise.all(programs.map(used));
  await setTimeout(MORE_MS);
  const requests = await requestsSince(stage.lab.cp, since);
  const grown = (key: keyof Used) =>
    programs.map(({ name }, index) => ({
      of: name,
      value: (after[index]?.[key] ?? 0) - (before[index]?.[key] ?? 0),
    }));
  return {
    cpu: grown('cpu'),
    kib: grown('kib'),
    requests: programs.map(({ name, isOf }) => {
      const times = requests.filter(isOf).map(receivedAt);
      return { of: name, value: countInTurn(times, seconds * 1000) };
    }),
  };
}

async function used({ pid, wire }: Program): Promise<Used> {
  return { cpu: await cpuSecondsOf(pid), kib: wire.bytes() / 1024 };
}

function linesOf({ cpu, requests, kib }: Measured, seconds: number): readonly Line[] {
  const lines = (what: string, unit: Line['unit'], figures: readonly Figure[], more = {}) => {
    const [figure, ...others] = figures;
    if (!figure) return [];
    return others.map((against): Line => {
      return { section: 'rest', what: `${what} in ${seconds} s`, unit, figure, against, ...more };
    });
  };
  return [
    ...lines('CPU', 's', cpu),
    ...lines('API requests', '', requests, { target: { ratio: 1 } }),
    ...lines('bytes to and from the API server', 'KiB', kib),
  ];
}
