import type { Dashboard, DashboardView } from '../model/view.ts';
import type { Session, SessionEvent } from '../sessions.ts';

/** Telemetry of the machine that serves the dashboard. */
export interface MachineView {
  readonly isOn: boolean;
  /** What decided, as part of a sentence. */
  readonly decidedBy: string;
  /** Without user, password and query. */
  readonly endpoint: string | undefined;
}

/** Everything that a page shows, at one moment. */
export interface PageFacts {
  readonly view: DashboardView;
  readonly check: Dashboard['check'];
  readonly machine: MachineView;
  /** The sessions of this process, the newest first, and the event of the next one. */
  readonly sessions: readonly Session[];
  readonly nextSession: SessionEvent;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Differs whenever the page would look different. */
  readonly revision: string;
  /** The query of the address. */
  readonly query: Readonly<Record<string, string>>;
}
