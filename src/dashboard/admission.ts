import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type IsKey, keyChecker } from '../web/keys.ts';

/** Who may see the pages: whoever has the address that `kusk dashboard` printed. */
export interface Admission {
  /** The secret in the first address. It is valid as long as the process lives. */
  readonly token: string;
  readonly isToken: IsKey;
  /** Returns whether a request has the cookie. */
  readonly isAdmitted: (c: Context) => boolean;
  /** Gives the browser the cookie. */
  readonly admit: (c: Context) => void;
}

export interface AdmissionOptions {
  /** Cookies are shared by all ports of a host, so the cookie's name has the port. */
  readonly port: number;
  /** Returns 64 random hex digits. */
  readonly randomId: () => string;
}

/** The address with its token fits into 80 columns. */
const TOKEN_LENGTH = 48;

/**
 * Creates the token and the cookie of a server.
 *
 * The cookie has a secret of its own: a token can be left behind in a terminal or a history.
 */
export function admission({ port, randomId }: AdmissionOptions): Admission {
  const token = randomId().slice(0, TOKEN_LENGTH);
  const secret = randomId();
  const isSecret = keyChecker([secret]);
  const name = `kusk-dashboard-${port}`;
  return {
    token,
    isToken: keyChecker([token]),
    isAdmitted(c) {
      const cookie = getCookie(c, name);
      return cookie !== undefined && isSecret(cookie);
    },
    admit(c) {
      setCookie(c, name, secret, { path: '/', httpOnly: true, sameSite: 'Strict' });
    },
  };
}
