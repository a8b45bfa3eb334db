import { isDeepStrictEqual } from 'node:util';
import { type FileText, readConfigFile } from '../consent/config-file.ts';
import type { Consent } from '../consent/consent.ts';
import { type Config, type ConsentSources, consentIn, reportsOptOut } from './config/config.ts';
import { type OptOutText, optOutSwitch } from './config/opt-out.ts';
import { readConfigText, readOptOutText, watchFile } from './config/watch-file.ts';
import type { KnownConsent, OperatorDependencies } from './dependencies.ts';
import { type DisabledOptions, runDisabled } from './disabled.ts';
import { runEnabled } from './enabled.ts';

export interface OperateOptions extends OperatorDependencies {
  readonly config: Config;
  /** The path of the configuration file, if there is one. */
  readonly configPath: string | undefined;
  /** Paths of mounted ConfigMap keys, each of which can switch telemetry off. They need not exist. */
  readonly optOutPaths: readonly string[];
}

/** How often the files are polled, in milliseconds. A change takes effect after two equal polls. */
const POLL_MS = 2_000;

/**
 * Runs the operator: `runEnabled` while telemetry is on and `runDisabled` while it is off. Switches
 * when the configuration file or an opt-out file changes. Blocks until aborted.
 *
 * One poll that finds telemetry off stops all sending. A second equal poll ends consent, so that a
 * half-written file does not. Telemetry is switched on only by two equal polls.
 */
export async function operate(options: OperateOptions, signal: AbortSignal): Promise<void> {
  const { log, time } = options;
  const hold: Hold = { held: false };
  const common = { ...options, known: { since: undefined }, hold };
  const read = () => readFiles(options);
  let phase: Phase = { withdraw() {}, async end() {} };
  let current: Consent | undefined;
  for await (const { found, settled } of watchFile({ read, time, everyMs: POLL_MS }, signal)) {
    const sources = sourcesIn(found, options);
    const consent = consentIn(sources);
    // Released only by a settled read that finds telemetry on.
    hold.held = !consent.on || (hold.held && !settled);
    // A file may have changed without a change of consent.
    if (!settled || isDeepStrictEqual(consent, current)) continue;
    if (consent.on === current?.on) log.consent(consent);
    else phase = await switchPhase(phase, { ...common, consent, sources }, signal);
    current = consent;
  }
  await phase.end();
  log.stopped();
}

/** A period during which telemetry is on, or off. */
interface Phase {
  /** Stops all sending, but keeps the lease, so that no other replica sends. */
  readonly withdraw: () => void;
  /** Ends the phase. Resolves when it has ended. */
  readonly end: () => Promise<void>;
}

/** Whether a poll has found telemetry off. Consent may not have ended yet. */
interface Hold {
  held: boolean;
}

interface FileTexts {
  readonly config: FileText;
  readonly optOuts: readonly OptOutText[];
}

async function readFiles({ configPath, optOutPaths }: OperateOptions): Promise<FileTexts> {
  const [config, ...optOuts] = await Promise.all([
    readConfigText(configPath),
    ...optOutPaths.map(readOptOutText),
  ]);
  return { config, optOuts };
}

function sourcesIn({ config, optOuts }: FileTexts, options: OperateOptions): ConsentSources {
  const { configPath = '', optOutPaths, environment } = options;
  const file = readConfigFile(configPath, config);
  const switches = optOutPaths.map((path, index) => optOutSwitch(path, optOuts[index] ?? 'none'));
  return { file, optOuts: switches, environment };
}

interface PhaseOptions extends OperateOptions {
  readonly known: KnownConsent;
  readonly hold: Hold;
}

interface ChangeOptions extends PhaseOptions {
  readonly consent: Consent;
  readonly sources: ConsentSources;
}

async function switchPhase(
  former: Phase,
  options: ChangeOptions,
  signal: AbortSignal,
): Promise<Phase> {
  const { consent, sources, log, health } = options;
  former.withdraw();
  log.consent(consent);
  Object.assign(health, { consent: consent.on, idle: false });
  if (consent.on) {
    await former.end();
    return startEnabled(options, signal);
  }
  const reportOptOut = reportsOptOut(sources);
  // The former phase keeps its lease until consent is off in the ledger.
  return startDisabled(former, { ...options, reportOptOut, onWritten: former.end }, signal);
}

function startEnabled(options: PhaseOptions, signal: AbortSignal): Phase {
  const phase = new AbortController();
  const consent = new AbortController();
  const both = AbortSignal.any([signal, phase.signal]);
  const consented = () => !consent.signal.aborted && !options.hold.held;
  const running = runEnabled({ ...options, consented, ended: consent.signal }, both);
  const ended = running.catch(options.onFatal);
  return {
    withdraw: () => consent.abort(),
    async end() {
      phase.abort();
      await ended;
    },
  };
}

function startDisabled(former: Phase, options: DisabledOptions, signal: AbortSignal): Phase {
  const phase = new AbortController();
  const both = AbortSignal.any([signal, phase.signal]);
  const ended = runDisabled(options, both).catch(options.onFatal);
  return {
    withdraw() {},
    async end() {
      phase.abort();
      await ended;
      await former.end();
    },
  };
}
