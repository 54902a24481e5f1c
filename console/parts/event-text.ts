/** What an event tells, in the words of whoever said it: remote replies, user agents and URLs are text and stay it. */

/** What of an event's data a person reads first. */
export function replyOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const { reply, error } = data as { reply?: unknown; error?: unknown };
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'object' && reply !== null) {
    const { code, text } = reply as { code?: unknown; text?: unknown };
    return [code, text]
      .filter((part) => part !== undefined)
      .map(String)
      .join(' ');
  }
  return typeof error === 'string' ? error : null;
}

const shownFields = [
  'host',
  'address',
  'tls',
  'hold',
  'until',
  'class',
  'layer',
  'url',
  'userAgent',
  'country',
  'nextAttemptAt',
];

/** The fields of an event's data that are told beside its reply. */
export function toldOf(data: unknown): readonly string[] {
  const known = typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  return shownFields.flatMap((name) => (typeof known[name] === 'string' ? [`${name} ${known[name]}`] : []));
}
