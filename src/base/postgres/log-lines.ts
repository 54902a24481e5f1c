// PostgreSQL's standard error as entries of our own log. Statements' errors are left out: they reach the caller
// anyway, and their text may hold a tenant's data.

/** Backend type, SQLSTATE, pid: the parts that `parseLine` takes off again. */
export const linePrefix = '%b|%e|%p|';

export type LogLine = {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** `postmaster`, `checkpointer`, `client backend`, ... or `start` before the settings are read. */
  readonly by: string;
  readonly sqlState: string | null;
};

const shape = /^(?:([^|]{1,64})\|([0-9A-Z]{5})\|\d+\|)?(?:.{0,64}?\s)?([A-Z]+[1-5]?):\s+(.*)$/;

/** One line without its end; null for what must not be logged and for continuations. */
export function parseLine(line: string): LogLine | null {
  if (line.startsWith('\t') || line.trim() === '') return null;
  const match = shape.exec(line);
  if (match === null) return { level: 'info', message: line, by: 'start', sqlState: null };
  const by = match[1] ?? 'start';
  const severity = match[3] ?? '';
  const isStatement = by === 'client backend' || by.includes('parallel worker');
  if (isStatement && severity !== 'FATAL' && severity !== 'PANIC') return null;
  return {
    level: levelOf(severity, isStatement),
    message: match[4] ?? '',
    by,
    sqlState: match[2] ?? null,
  };
}

function levelOf(severity: string, isStatement: boolean): LogLine['level'] {
  if (severity === 'PANIC') return 'error';
  // A refused or ended client is one connection's trouble; anyone else's FATAL is the server's.
  if (severity === 'FATAL') return isStatement ? 'warn' : 'error';
  return severity === 'WARNING' || severity === 'ERROR' ? 'warn' : 'info';
}

/** True for the line after which connections are taken. */
export function isReadyLine(line: LogLine): boolean {
  return line.by === 'postmaster' && line.message === 'database system is ready to accept connections';
}

/** Cuts a stream of text into lines; a line longer than 8 KiB is cut, not kept growing. */
export function lineSplitter(take: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, 8_192);
    for (const line of lines) take(line);
  };
}
