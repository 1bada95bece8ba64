/** Sizes as people write them: `512M`, `1.5G`. */

const UNITS = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** In bytes; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text.toUpperCase());
  return match === null ? undefined : Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]);
}

/** The other way, in MiB. */
export function formatSize(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)}M`;
}
