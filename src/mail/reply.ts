/** A remote server's (or our own) SMTP answer as a value, from the socket to the event log (RFC 5321 4.2). */
export type Reply = {
  readonly code: number;
  /** Enhanced status code (RFC 3463) without the text, `5.1.1`; null when the server gave none. */
  readonly enhanced: string | null;
  /** Text of all lines, enhanced code removed, joined with "\n"; NUL, control characters and lone surrogates removed. */
  readonly text: string;
};
