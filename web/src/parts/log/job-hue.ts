/** Each job has its own colour, the same on every page and every day: a hue in degrees, made from its name. */
export function jobHue(job: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < job.length; at += 1) hash = Math.imul(hash ^ job.charCodeAt(at), 16_777_619);
  // Steps that the eye tells apart; the golden angle spreads neighbours.
  return Math.round(((hash >>> 0) % 24) * 137.5) % 360;
}
