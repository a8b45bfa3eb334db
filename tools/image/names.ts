/** The images of the Dockerfile, and the stage of each. */
export const TARGETS = {
  'kusk-gateway-telemetry': 'kusk-gateway',
  'kusk-collector': 'kusk-collector',
} as const;
export type ImageName = keyof typeof TARGETS;
export const IMAGE_NAMES = Object.keys(TARGETS) as readonly ImageName[];
