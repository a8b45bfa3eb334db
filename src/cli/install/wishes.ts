import { parseEndpoint, parseWriteKey } from '../../deliver/endpoint-settings.ts';
import type { Flags } from '../command.ts';
import { UsageError } from '../command-error.ts';
import { flagText } from '../flags.ts';
import type { Wishes } from './settings.ts';

/** @see https://github.com/distribution/reference/blob/main/regexp.go (looser) */
const IMAGE = /^[a-zA-Z0-9][\w.\-/:@]*$/;
const MOST_REPLICAS = 100;
const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** Reads the flags of an install. Throws a `UsageError` that says what to write instead. */
export function readWishes(flags: Flags): Wishes {
  const analytics = flagText(flags, 'analytics');
  return {
    analytics: analytics === undefined ? undefined : analytics === 'on',
    image: image(flagText(flags, 'image')),
    replicas: replicas(flagText(flags, 'replicas')),
    endpoint: endpoint(flagText(flags, 'endpoint')),
    writeKey: writeKey(flagText(flags, 'write-key')),
  };
}

/** Returns `--timeout` in milliseconds. */
export function readTimeout(flags: Flags): number {
  const text = flagText(flags, 'timeout') ?? '5m';
  const parts = [...text.matchAll(/(\d{1,6})([hms])/g)];
  const isWhole = parts.map(([part]) => part).join('') === text;
  if (parts.length > 0 && isWhole) {
    return parts.reduce(
      (sum, [, count, unit = 's']) => sum + Number(count) * (UNITS_MS[unit] ?? 0),
      0,
    );
  }
  throw new UsageError(`--timeout ${JSON.stringify(text)} is not a duration`, {
    advice: 'Write hours, minutes or seconds: --timeout 90s, --timeout 5m, --timeout 1h30m',
  });
}

function image(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return text;
  if (!IMAGE.test(text)) {
    throw new UsageError(`--image ${JSON.stringify(text)} is not the name of an image`, {
      advice: 'Write it in full: --image registry.example/kusk-gateway-telemetry:0.1.0',
    });
  }
  if (/(^|\/)kubeshop\/kusk-gateway(:|@|$)/.test(text)) {
    throw new UsageError(`--image ${text} is Kusk Gateway itself, not its telemetry`, {
      advice: 'Write an image of kusk-gateway-telemetry, or leave --image out.',
    });
  }
  return text;
}

function replicas(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count <= MOST_REPLICAS) return count;
  throw new UsageError(`--replicas ${JSON.stringify(text)} is not a number of replicas`, {
    advice: `Write a number from 0 to ${MOST_REPLICAS}: --replicas 2`,
  });
}

function endpoint(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return text;
  valid(() => parseEndpoint({ name: '--endpoint', value: text }));
  return text.trim();
}

function writeKey(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return text;
  return valid(() => parseWriteKey({ name: '--write-key', value: text }));
}

/** Returns what `parse` returns. Its error says what to write instead. */
function valid<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
