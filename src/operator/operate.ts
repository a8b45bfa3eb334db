import type { Consent } from '../record/consent.ts';
import { type Config, type ConsentSources, consentIn, reportsOptOut } from './config.ts';
import { type FileText, readConfigFile } from './config-file.ts';
import { follow, readConfigText, readText } from './follow.ts';
import { optOutSwitch } from './opt-out.ts';
import type { KnownConsent, PartOptions } from './part.ts';
import { keepSilent, type SilenceOptions } from './silence.ts';
import { tellAsElected } from './telling.ts';
import type { Run } from './together.ts';

export interface OperateOptions extends PartOptions {
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
  const { announce, status, time } = options;
  const known: KnownConsent = { since: undefined };
  const hold: Hold = { held: false };
  const read = () => readFiles(options);
  let end = async () => {};
  let said: string | undefined;
  for await (const { found, settled } of follow({ read, time, everyMs: LOOK_MS }, signal)) {
    const sources = sourcesIn(found, options);
    const consent = consentIn(sources);
    hold.held = !consent.on || (hold.held && !settled);
    // The files may have changed in what is no business of consent's.
    if (!settled || said === JSON.stringify(consent)) continue;
    const unchanged = said !== undefined && status.consent === consent.on;
    said = JSON.stringify(consent);
    announce.consent(consent);
    if (unchanged) continue;
    await end();
    end = begin(consent, { ...options, known, hold, reportOptOut: reportsOptOut(sources) }, signal);
  }
  await end();
  announce.stopped();
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

interface PhaseOptions extends OperateOptions, SilenceOptions {
  readonly known: KnownConsent;
  readonly hold: Hold;
}

/** Begins a phase. Gives what ends it, and waits until it has ended. */
function begin(consent: Consent, options: PhaseOptions, signal: AbortSignal): () => Promise<void> {
  const phase = new AbortController();
  const both = AbortSignal.any([signal, phase.signal]);
  const { hold } = options;
  let ended = !consent.on;
  Object.assign(options.status, { consent: consent.on, idle: false });
  const run: Run = consent.on
    ? (each) => tellAsElected({ ...options, consented: () => !ended && !hold.held }, each)
    : (each) => keepSilent(options, each);
  const running = run(both).catch(options.onFatal);
  return async () => {
    // At the operator's own end what is pending may still leave; at the end of consent it may not.
    if (!signal.aborted) ended = true;
    phase.abort();
    await running;
  };
}
