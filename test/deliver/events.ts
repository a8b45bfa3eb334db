import type { Message, TelemetryEvent } from '../../src/event.ts';

const HASH = 'ab'.repeat(32);

export function anEvent(event: Partial<Message> = {}): TelemetryEvent {
  const message: Message = {
    messageId: 'a-message',
    anonymousId: HASH,
    userId: HASH,
    event: 'kusk-gateway',
    properties: { event: 'api-created' },
    timestamp: '2026-11-23T11:42:41.213Z',
    ...event,
  };
  return message as TelemetryEvent;
}

export function events(count: number): TelemetryEvent[] {
  return Array.from({ length: count }, (_, index) => anEvent({ messageId: `message-${index}` }));
}
