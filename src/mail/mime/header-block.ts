/** Header fields to bytes: folded at white space, 78 characters where it can be, 998 always (RFC 5322 2.1.1, 2.2.3). */

const lineMax = 78;

/** Values are encoded already and have no line ends; UTF-8 stays (SMTPUTF8 mail). Each field ends in CRLF. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  let text = '';
  for (const [name, value] of fields) text += `${foldField(name, value.replaceAll(/[\r\n\0]+/g, ' '))}\r\n`;
  return Buffer.from(text, 'utf8');
}

function foldField(name: string, value: string): string {
  const plain = `${name}: ${value}`;
  if (plain.length <= lineMax) return plain;
  let line = `${name}:`;
  const lines: string[] = [];
  for (const word of value.split(' ')) {
    // A line must not consist of white space alone, so an empty word stays with the line before it.
    if (line.length + 1 + word.length > lineMax && word !== '' && line.trim() !== '' && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return lines.join('\r\n');
}
