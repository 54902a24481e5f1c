/** Dot-stuffing (RFC 5321 4.5.2) over a list of chunks with CRLF line ends; no copy when no line begins with a dot. */

const dotLine = Buffer.from('\r\n.');
const dot = Buffer.from('.');
const endAfterLine = Buffer.from('.\r\n');
const endMidLine = Buffer.from('\r\n.\r\n');

/** The message as it goes over the wire after DATA, its end included. */
export function dotStuff(chunks: readonly Buffer[]): readonly Buffer[] {
  const out: Buffer[] = [];
  // The two bytes before the present one, over the borders of chunks: the DATA line ended in CRLF.
  let tail = '\r\n';
  for (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (chunk[0] === 46 && tail === '\r\n') out.push(dot);
    else if (chunk[0] === 10 && chunk[1] === 46 && tail.endsWith('\r')) {
      out.push(chunk.subarray(0, 1), dot, stuffed(chunk.subarray(1)));
      tail = lastTwo(tail, chunk);
      continue;
    }
    out.push(stuffed(chunk));
    tail = lastTwo(tail, chunk);
  }
  out.push(tail === '\r\n' ? endAfterLine : endMidLine);
  return out;
}

/** The chunk itself when no line inside begins with a dot, else one copy with the dots doubled. */
function stuffed(chunk: Buffer): Buffer {
  let found = chunk.indexOf(dotLine);
  if (found < 0) return chunk;
  const parts: Buffer[] = [];
  let from = 0;
  while (found >= 0) {
    parts.push(chunk.subarray(from, found + 2), dot);
    from = found + 2;
    found = chunk.indexOf(dotLine, from);
  }
  parts.push(chunk.subarray(from));
  return Buffer.concat(parts);
}

function lastTwo(tail: string, chunk: Buffer): string {
  if (chunk.length >= 2) return chunk.toString('latin1', chunk.length - 2);
  return `${tail}${chunk.toString('latin1')}`.slice(-2);
}
