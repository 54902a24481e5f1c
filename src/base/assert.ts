/** A broken promise of our own code: the request answers 500, the worker drops its batch. Never for caller input. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

export function assert(claim: unknown, message: string): asserts claim {
  if (!claim) throw new Bug(message);
}

/** The element that must be there: for indexes that the code itself has bounded. */
export function present<T>(value: T | null | undefined, message = 'a value is missing'): T {
  if (value === null || value === undefined) throw new Bug(message);
  return value;
}
