import {
  CredentialsError,
  codeOf,
  isTimeout,
  MissingContextError,
  reasonOf,
} from '../../cluster/errors.ts';
import { CommandError } from '../command-error.ts';

export interface UnreachableOptions {
  /** The address of the API server. */
  readonly server: string;
  /** Returns whether a text was shown already. */
  readonly hasShown: (text: string) => boolean;
}

/** Returns the error of a request without a response. */
export function unreachable(
  error: unknown,
  { server, hasShown }: UnreachableOptions,
): CommandError {
  const start = `the API server ${server} cannot be reached: ${reasonOf(error)}`;
  if (!(error instanceof CredentialsError)) {
    return new CommandError(start, { exitCode: 3, advice: connectionAdvice(error), cause: error });
  }
  const why = credentialsProblem(error.cause);
  return new CommandError(why === '' || hasShown(why) ? start : `${start}: ${why}`, {
    exitCode: 3,
    advice: 'Look at the user of the context in the kubeconfig.',
    cause: error,
  });
}

/** A failed plugin's cause is what it wrote to stderr. A syntax error quotes its output, which is secret. */
function credentialsProblem(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'the output of the exec plugin is not JSON';
  return cause instanceof Error && !isTimeout(cause) ? cause.message.trim() : '';
}

/** By the codes of Node and OpenSSL. The first that matches counts. */
const ADVICE: readonly (readonly [codes: RegExp, advice: string])[] = [
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'The certificate of the API server is for another name: check the address in the kubeconfig, or set its tls-server-name.',
  ],
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_HAS_EXPIRED|CRL_NOT_YET_VALID)$/,
    'The certificate of the API server is not valid today: renew it, or correct the clock of this machine.',
  ],
  [
    /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_)/,
    'The certificate of the API server is not signed by the certificate authority of the kubeconfig: check certificate-authority-data, and whether a proxy replaces certificates.',
  ],
  [
    /^(ERR_SSL_|EPROTO$)/,
    'The TLS handshake fails: check the address and the port in the kubeconfig, and its client certificate.',
  ],
  [
    /^UND_ERR_ABORTED$/,
    'A proxy refuses the connection: check HTTPS_PROXY, and proxy-url in the kubeconfig. NO_PROXY names servers that are reached without one.',
  ],
];

function connectionAdvice(error: unknown): string {
  if (error instanceof MissingContextError) return 'Choose another one with --context.';
  const code = codeOf(error) ?? '';
  const found = ADVICE.find(([codes]) => codes.test(code));
  return (
    found?.[1] ??
    'Check the address in the kubeconfig, HTTPS_PROXY if it is set (a SOCKS proxy is not used), and whether the network or VPN is up.'
  );
}
