/** A server under measurement: takes SMTP on a port of its own and relays to the sink. */
export type Peer = {
  readonly name: string;
  readonly from: string;
  /** AUTH PLAIN initial response; empty when it wants no login. */
  readonly auth: string;
  readonly start: (sinkPort: number) => Promise<{ readonly port: number; readonly pids: readonly number[] }>;
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
};
