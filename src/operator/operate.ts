import type { Consent } from '../record/consent.ts';
import { type Config, consentIn, reportsOptOut } from './config.ts';
import { readConfigFile } from './config-file.ts';
import { followFile } from './follow.ts';
import type { KnownConsent, PartOptions } from './part.ts';
import { keepSilent, type SilenceOptions } from './silence.ts';
import { tellAsElected } from './telling.ts';
import type { Run } from './together.ts';

export interface OperateOptions extends PartOptions {
  readonly config: Config;
  /** The configuration file, if one was named. */
  readonly configPath: string | undefined;
}

/** How often to look at the configuration file, in milliseconds. Two looks make a change. */
const LOOK_MS = 2_000;

/**
 * The operator: tells while telemetry is on, keeps silent while it is off, and changes over when
 * the configuration file does. Blocks until aborted.
 */
export async function operate(options: OperateOptions, signal: AbortSignal): Promise<void> {
  const { announce, status, time, configPath: path, environment } = options;
  const known: KnownConsent = { since: undefined };
  let end = async () => {};
  let said: string | undefined;
  for await (const text of followFile({ path, time, everyMs: LOOK_MS }, signal)) {
    const file = readConfigFile(path ?? '', text);
    const consent = consentIn(file, environment);
    // The file may have changed in what is no business of consent's.
    if (said === JSON.stringify(consent)) continue;
    const unchanged = said !== undefined && status.consent === consent.on;
    said = JSON.stringify(consent);
    announce.consent(consent);
    if (unchanged) continue;
    await end();
    end = begin(consent, { ...options, known, reportOptOut: reportsOptOut(file) }, signal);
  }
  await end();
  announce.stopped();
}

/** Begins a phase. Gives what ends it, and waits until it has ended. */
function begin(
  consent: Consent,
  options: OperateOptions & SilenceOptions & { readonly known: KnownConsent },
  signal: AbortSignal,
): () => Promise<void> {
  const phase = new AbortController();
  const both = AbortSignal.any([signal, phase.signal]);
  let consented = consent.on;
  Object.assign(options.status, { consent: consent.on, idle: false });
  const run: Run = consent.on
    ? (each) => tellAsElected({ ...options, consented: () => consented }, each)
    : (each) => keepSilent(options, each);
  const running = run(both).catch(options.onFatal);
  return async () => {
    // At the operator's own end what is pending may still leave; at the end of consent it may not.
    if (!signal.aborted) consented = false;
    phase.abort();
    await running;
  };
}
