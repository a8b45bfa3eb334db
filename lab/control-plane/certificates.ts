import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bits,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  text,
  time,
  yes,
} from './der.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A private key and what it proves, both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Whom a certificate is for: a user of the API server (`CN`, and `O` for groups), or a server's hosts. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** Names and IP addresses that a server may be reached by. */
  readonly hosts?: readonly string[];
}

export interface CertificateAuthority {
  /** The authority's own certificate in PEM, to be trusted. */
  readonly cert: string;
  readonly key: string;
  /** A certificate for client and server authentication, with a key of its own. */
  issue(subject: Subject): Certificate;
}

/**
 * Makes a throw-away certificate authority, without openssl.
 *
 * Its certificates hold for two years back and ten years on, so that a test may move the clock.
 */
export function createCertificateAuthority(
  commonName: string,
  { now }: { readonly now: () => number },
): CertificateAuthority {
  const own = newKeys();
  const issuer = { name: nameOf({ commonName }), key: own.privateKey, keyId: keyId(own.publicKey) };
  const validity = sequence(
    time(new Date(now() - 2 * YEAR_MS)),
    time(new Date(now() + 10 * YEAR_MS)),
  );

  function certify(publicKey: KeyObject, name: Uint8Array, extensions: readonly Uint8Array[]) {
    const ids = [
      extension('2.5.29.14', octets(keyId(publicKey))),
      extension('2.5.29.35', sequence(implicit(0, issuer.keyId))),
    ];
    const toBeSigned = sequence(
      explicit(0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ECDSA_WITH_SHA256,
      issuer.name,
      validity,
      name,
      publicKey.export({ type: 'spki', format: 'der' }),
      explicit(3, sequence(...extensions, ...ids)),
    );
    const signature = sign('sha256', toBeSigned, issuer.key);
    return pem(sequence(toBeSigned, ECDSA_WITH_SHA256, bits(signature)));
  }

  function issue(subject: Subject): Certificate {
    const { publicKey, privateKey } = newKeys();
    const cert = certify(publicKey, nameOf(subject), leafExtensions(subject.hosts ?? []));
    return { cert, key: pemOf(privateKey) };
  }

  return {
    cert: certify(own.publicKey, issuer.name, authorityExtensions()),
    key: pemOf(own.privateKey),
    issue,
  };
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** @see https://www.rfc-editor.org/rfc/rfc7093#section-2 (method 1) */
function keyId(publicKey: KeyObject): Uint8Array {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest().subarray(0, 20);
}

function nameOf({ commonName, organizations = [] }: Subject): Uint8Array {
  const part = (id: string, value: string) => set(sequence(oid(id), text(value)));
  return sequence(
    ...organizations.map((value) => part('2.5.4.10', value)),
    part('2.5.4.3', commonName),
  );
}

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1 */
function authorityExtensions(): readonly Uint8Array[] {
  const certSignAndCrlSign = bits(Buffer.from([0b0000_0110]), 1);
  return [
    extension('2.5.29.19', sequence(yes()), true),
    extension('2.5.29.15', certSignAndCrlSign, true),
  ];
}

function leafExtensions(hosts: readonly string[]): readonly Uint8Array[] {
  const digitalSignature = bits(Buffer.from([0b1000_0000]), 7);
  const serverAndClient = sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'));
  const names =
    hosts.length === 0 ? [] : [extension('2.5.29.17', sequence(...hosts.map(hostName)))];
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', digitalSignature, true),
    extension('2.5.29.37', serverAndClient),
    ...names,
  ];
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

function hostName(host: string): Uint8Array {
  if (isIP(host) !== 4) return implicit(2, Buffer.from(host, 'ascii'));
  return implicit(7, Buffer.from(host.split('.').map(Number)));
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
