import { KubeStatusError } from './errors.ts';

/** What else than missing rights makes the API server refuse or fail a request. */
export type Denial = keyof typeof DENIALS;

/**
 * What the API server writes then. These texts also contain names, so only the kind of a denial is
 * ever logged.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go
 */
const DENIALS = {
  /** An admission policy or webhook denies it. */
  policy: /\b(admission webhook .* denied the request|denied request: )/s,
  /** An admission webhook, without which the API server allows nothing, does not respond. */
  webhook: /\bfailed calling webhook /,
  /** The CRD's conversion webhook fails. */
  conversion: /\bconversion webhook for .* failed/s,
  /** The namespace's quota leaves no room. */
  quota: /\b(exceeded|failed) quota: /,
  /** The namespace is being deleted. */
  namespace: /\bbecause it is being terminated$/,
} as const satisfies Readonly<Record<string, RegExp>>;

/** Returns the kind of a denial; `undefined` if the error, and its cause, is none. */
export function denialOf(error: unknown): Denial | undefined {
  if (!(error instanceof KubeStatusError)) {
    return error instanceof Error && error.cause !== undefined ? denialOf(error.cause) : undefined;
  }
  const { message } = error.explain();
  const kinds = Object.keys(DENIALS) as readonly Denial[];
  return kinds.find((kind) => DENIALS[kind].test(message));
}
