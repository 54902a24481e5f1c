/** Positions in a part's text against those in its transfer encoding (RFC 2045 6.7), and what is put into it. */

export type Decoded = {
  /** latin1: one character per octet. */
  readonly text: string;
  /** Where the octet at a position stands in the source, and where it ends. */
  readonly startOf: (at: number) => number;
  readonly endOf: (at: number) => number;
};

export function plainText(source: string): Decoded {
  return { text: source, startOf: (at) => at, endOf: (at) => at + 1 };
}

/** What is no encoding stays as it stands, so that nothing is lost. */
export function decodeQuotedPrintable(source: string): Decoded {
  const starts = new Uint32Array(source.length + 1);
  const pieces: string[] = [];
  let length = 0;
  let from = 0;
  const pass = (to: number): void => {
    pieces.push(source.slice(from, to));
    for (let at = from; at < to; at++) starts[length++] = at;
  };
  for (;;) {
    const escape = source.indexOf('=', from);
    if (escape < 0) break;
    pass(escape);
    const soft = /^=[ \t]*\r?\n/.exec(source.slice(escape, escape + 80));
    const digits = source.slice(escape + 1, escape + 3);
    if (soft !== null) from = escape + soft[0].length;
    else if (/^[0-9A-Fa-f]{2}$/.test(digits)) {
      pieces.push(String.fromCharCode(parseInt(digits, 16)));
      starts[length++] = escape;
      from = escape + 3;
    } else {
      from = escape;
      pass(escape + 1);
      from = escape + 1;
    }
  }
  pass(source.length);
  starts[length] = source.length;
  const isEscape = (at: number): boolean => /^=[0-9A-Fa-f]{2}/.test(source.slice(at, at + 3));
  return {
    text: pieces.join(''),
    startOf: (at) => starts[at] ?? source.length,
    endOf: (at) => {
      const start = starts[at] ?? source.length;
      return start + (isEscape(start) ? 3 : 1);
    },
  };
}

/** Whether soft line ends have to stand before and after what replaces this range, so that no line grows. */
export function softBreaks(source: string, start: number, end: number): readonly [boolean, boolean] {
  const isAtLineStart = start === 0 || source[start - 1] === '\n';
  const isAtLineEnd = end === source.length || /^=?[ \t]*\r?\n/.test(source.slice(end, end + 80));
  return [!isAtLineStart, !isAtLineEnd];
}

const lineMax = 75;

/** ASCII text in lines of its own between soft line ends. */
export function inQuotedPrintable(text: string, [before, after]: readonly [boolean, boolean]): string {
  const lines: string[] = [];
  let line = '';
  for (const char of text) {
    const written = char === '=' ? '=3D' : char;
    if (line.length + written.length > lineMax) {
      lines.push(line);
      line = '';
    }
    line += written;
  }
  lines.push(line);
  return `${before ? '=\r\n' : ''}${lines.join('=\r\n')}${after ? '=\r\n' : ''}`;
}
