import type { MachineEvent } from '../../record/machine-events.ts';
import { type Machine, pendingEvents } from './spool.ts';
import type { Standing } from './standing.ts';

/** Returns the machine whose events can be read, whether telemetry is on or off, or `undefined`. */
export function machineOf({ state }: Standing): Machine | undefined {
  const { folder, id } = state;
  if (folder.status !== 'usable' || id.status !== 'valid') return undefined;
  return { folder: folder.path, machineId: id.value };
}

/** Returns the events in the spool, oldest first. */
export function pendingOf(standing: Standing): readonly MachineEvent[] {
  const machine = machineOf(standing);
  try {
    return machine === undefined ? [] : pendingEvents(machine);
  } catch {
    return [];
  }
}
