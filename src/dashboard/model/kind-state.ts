import type { Kind } from '../../event.ts';
import type { KindView } from './view.ts';

type State = Pick<KindView, 'state' | 'message' | 'namespace'>;

export interface KindStateOptions {
  /** The namespace that is listed if not all may be listed. */
  readonly namespace: string;
  readonly onChange: () => void;
}

/** Whether a kind is listed, and what to say if it is not. */
export function kindState(kind: Kind, { namespace, onChange }: KindStateOptions) {
  const loading: State = { state: 'loading', message: '', namespace: undefined };
  let view = loading;

  function become(next: Omit<State, 'namespace'> & Partial<State>): void {
    const changed = { namespace: view.namespace, ...next };
    if (JSON.stringify(changed) === JSON.stringify(view)) return;
    view = changed;
    onChange();
  }

  function absent(): void {
    const message = `The cluster has no kind ${kind} in gateway.kusk.io. It appears here once its CustomResourceDefinition is installed.`;
    become({ state: 'missing', message, namespace: undefined });
  }

  return {
    view: () => view,
    loading: () => become(loading),
    listed(only: string | undefined): void {
      const message =
        only === undefined
          ? ''
          : `Only namespace ${only} is shown: you may not list this kind in all namespaces.`;
      become({ state: 'listed', message, namespace: only });
    },
    /** The kind was not found. After an outage, an API server may not serve it yet. */
    missing(): void {
      if (view.state === 'loading') absent();
    },
    absent,
    denied(): void {
      const message = `You may not list this kind, neither in all namespaces nor in ${namespace}. Ask an administrator for the rights to list and watch it in gateway.kusk.io, or name another namespace with -n.`;
      become({ state: 'denied', message });
    },
    failed(reason: string): void {
      become({
        state: 'failed',
        message: `The last attempt failed: ${reason}. Another one follows.`,
      });
    },
  };
}
