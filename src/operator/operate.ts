import { isDeepStrictEqual } from 'node:util';
import type { Consent } from '../consent/consent.ts';
import { type Config, type ConsentSources, consentIn, reportsOptOut } from './config/config.ts';
import { type FileText, readConfigFile } from './config/file.ts';
import { optOutSwitch } from './config/opt-out.ts';
import { readConfigText, readText, watchFile } from './config/watch-file.ts';
import type { KnownConsent, OperatorDependencies } from './dependencies.ts';
import { type DisabledOptions, runDisabled } from './disabled.ts';
import { runEnabled } from './enabled.ts';

export interface OperateOptions extends OperatorDependencies {
  readonly config: Config;
  /** The configuration file, if one was named. */
  readonly configPath: string | undefined;
  /** Mounted keys of ConfigMaps, each of which can switch telemetry off. They need not exist. */
  readonly optOutPaths: readonly string[];
}

/** How often to look at the files, in milliseconds. Two looks make a change. */
const LOOK_MS = 2_000;

/**
 * The operator: tells while telemetry is on, keeps silent while it is off, and changes over when
 * the configuration file or the opt-out file does. Blocks until aborted.
 *
 * One look that finds telemetry off holds back everything that would leave. The second one that
 * finds the same ends consent, so that a half-written file does not. Only two looks switch it on.
 */
export async function operate(options: OperateOptions, signal: AbortSignal): Promise<void> {
  const { log, time } = options;
  const hold: Hold = { held: false };
  const common = { ...options, known: { since: undefined }, hold };
  const read = () => readFiles(options);
  let phase: Phase = { withdraw() {}, async end() {} };
  let said: Consent | undefined;
  for await (const { found, settled } of watchFile({ read, time, everyMs: LOOK_MS }, signal)) {
    const sources = sourcesIn(found, options);
    const consent = consentIn(sources);
    hold.held = !consent.on || (hold.held && !settled);
    // The files may have changed in what does not concern consent.
    if (!settled || isDeepStrictEqual(consent, said)) continue;
    if (consent.on === said?.on) log.consent(consent);
    else phase = await changeOver(phase, { ...common, consent, sources }, signal);
    said = consent;
  }
  await phase.end();
  log.stopped();
}

/** What the operator does while telemetry is on, or while it is off. */
interface Phase {
  /** From now on nothing leaves. What of this phase keeps other replicas from sending goes on. */
  readonly withdraw: () => void;
  /** Ends it, and waits until it has ended. */
  readonly end: () => Promise<void>;
}

/** Whether a look has found telemetry off, though consent has not ended yet. */
interface Hold {
  held: boolean;
}

interface FileTexts {
  readonly config: FileText;
  readonly optOuts: readonly FileText[];
}

async function readFiles({ configPath, optOutPaths }: OperateOptions): Promise<FileTexts> {
  const [config, ...optOuts] = await Promise.all([
    readConfigText(configPath),
    ...optOutPaths.map(readText),
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

async function changeOver(
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
    return beginTelling(options, signal);
  }
  const reportOptOut = reportsOptOut(sources);
  // The phase before keeps the lease, if it has it, until the ledger says that telemetry is off.
  return beginSilence(former, { ...options, reportOptOut, onWritten: former.end }, signal);
}

function beginTelling(options: PhaseOptions, signal: AbortSignal): Phase {
  const phase = new AbortController();
  const consent = new AbortController();
  const both = AbortSignal.any([signal, phase.signal]);
  const consented = () => !consent.signal.aborted && !options.hold.held;
  const telling = runEnabled({ ...options, consented, ended: consent.signal }, both);
  const ended = telling.catch(options.onFatal);
  return {
    withdraw: () => consent.abort(),
    async end() {
      phase.abort();
      await ended;
    },
  };
}

function beginSilence(former: Phase, options: DisabledOptions, signal: AbortSignal): Phase {
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
