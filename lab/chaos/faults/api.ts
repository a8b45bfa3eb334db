import { createCertificateAuthority } from '../../control-plane/certificates.ts';
import type { ApiProxy } from '../../support/api-proxy.ts';
import type { Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import { type Fault, type Mend, passes } from './fault.ts';

/** Whose way to the API server is struck: the lane says. */
const LANES = ['API proxy 1', 'API proxy 2'] as const;
const SLOW_MS = 400;

function struck({ replicas }: Scene, { lane }: Step): ApiProxy {
  return (lane === LANES[0] ? replicas[0] : replicas[1]).proxy;
}

function cut(scene: Scene, step: Step): Mend {
  struck(scene, step).cutAll();
  return passes;
}

/** Left alone it would take an operator 90 s to notice: another test waits for that. */
function halfOpen(scene: Scene, step: Step): Mend {
  const watches = struck(scene, step).watches();
  for (const watch of watches) watch.silence();
  return () => {
    for (const watch of watches) watch.cut();
  };
}

function slow(scene: Scene, step: Step): Mend {
  const watches = struck(scene, step).watches();
  for (const watch of watches) watch.slow(SLOW_MS);
  return () => {
    for (const watch of watches) watch.slow(0);
  };
}

/** All that is asked is refused, and what was open is broken. */
function refusing(status: number): Fault {
  return {
    name: `API server answers ${status}`,
    lanes: LANES,
    weight: 1,
    lastsMs: [500, 3_000],
    inject(scene, step) {
      const proxy = struck(scene, step);
      const headers: Readonly<Record<string, string>> =
        status === 429 ? { 'Retry-After': '1' } : {};
      proxy.fail(() => ({ status, headers }));
      proxy.cutAll();
      return proxy.mend;
    },
  };
}

/** The API server's certificate is of another authority now, and the kubeconfig says so some time later. */
function changeAuthority(scene: Scene, step: Step): Mend {
  const next = createCertificateAuthority('rotated', { now: Date.now });
  return struck(scene, step).changeAuthority(next);
}

/** What becomes of an operator's way to the API server. */
export const API_FAULTS: readonly Fault[] = [
  { name: 'watch cut', lanes: LANES, weight: 2, lastsMs: [0, 500], inject: cut },
  { name: 'watch half-open', lanes: LANES, weight: 1, lastsMs: [1_000, 5_000], inject: halfOpen },
  { name: 'watch slow', lanes: LANES, weight: 1, lastsMs: [1_000, 5_000], inject: slow },
  { name: 'CA changed', lanes: LANES, weight: 1, lastsMs: [500, 3_000], inject: changeAuthority },
  ...[401, 403, 429, 500, 503].map(refusing),
];
