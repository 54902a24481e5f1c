/** One field of the caller's input that breaks a rule. `field` is a path in the caller's own words (`to[0].email`). */
export type FieldError = { readonly field: string; readonly rule: string; readonly message: string };

export type RefusalDetails = {
  readonly message?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds after which the same call may succeed. */
  readonly retryAfterSeconds?: number;
};

/**
 * A typed "no" to a caller. The code is a row of `features/refusals`, which says how each door words it.
 * Not for outcomes of delivery (those are values) and not for bugs (those are assertions).
 */
export class Refusal<Code extends string = string> extends Error {
  override readonly name = 'Refusal';
  readonly code: Code;
  readonly details: RefusalDetails;

  constructor(code: Code, details: RefusalDetails = {}) {
    super(details.message ?? code);
    this.code = code;
    this.details = details;
  }
}
