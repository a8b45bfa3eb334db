import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** What `kusk-gateway --help` prints. */
export const OPERATOR_HELP = `Usage: kusk-gateway [--config FILE] [--opt-out FILE]...
       kusk-gateway --preview

Watches API, StaticRoute and EnvoyFleet resources and reports how many are created, as described in
docs/telemetry.md.

  --config FILE     configuration file
  --opt-out FILE    mounted key of a ConfigMap, \`enabled\` of kusk-gateway-opt-out, or another file; can
                    be repeated, and the file need not exist
  --preview         print an example of each event that the operator can send, as one line of JSON
                    each, and exit; sends nothing and opens no connection
  -h, --help        print this help

Each of these switches telemetry off: ANALYTICS_ENABLED=false, DO_NOT_TRACK=1,
analytics.enabled: false in the file of --config, or false in a file of --opt-out. The operator
rereads all of these files while it runs.
`;

export const OPERATOR_FLAGS = {
  config: { type: 'string' },
  'opt-out': { type: 'string', multiple: true, default: [] },
  preview: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig;

/** Parses the arguments, without the program's own name. Throws an error that says what to write instead. */
export function parseOperatorFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPERATOR_FLAGS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nSee kusk-gateway --help.`, { cause: error });
  }
}
