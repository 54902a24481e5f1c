/**
 * AMP parts bring templates of their own, filled in where the mail is read: `<template type="amp-mustache">`. Their braces
 * are not those of SparkPost's language (contract, section 15). Reads each source once, whatever it is.
 */
const opening = /<template(?=[\s>/])((?:"[^"]*"|'[^']*'|[^'"<>])*)>/gi;
const isMustache = /\stype\s*=\s*(?:"amp-mustache"|'amp-mustache'|amp-mustache(?=[\s/]|$))/i;
const closing = /<\/template(?=[\s>/])/gi;

/** What is of SparkPost's language within such a template: what says so, a loop's value, braces as such, ends of blocks. */
const isOurs =
  /sparkpost|loop_var|^\{?\s*(?:opening|closing)_(?:single|double|triple)_curly\s*\(|^\s*(?:else|end)\s*$/;

/** Offsets of braces that stay as they are written, each with the offset behind it. */
export function mustacheIn(source: string): ReadonlyMap<number, number> {
  const kept = new Map<number, number>();
  opening.lastIndex = 0;
  for (let tag = opening.exec(source); tag !== null; tag = opening.exec(source)) {
    if (!isMustache.test(tag[1] ?? '')) continue;
    const from = opening.lastIndex;
    closing.lastIndex = from;
    const to = closing.exec(source)?.index ?? source.length;
    keepWithin(source.slice(from, to), from, kept);
    opening.lastIndex = to;
  }
  return kept;
}

function keepWithin(inner: string, offset: number, kept: Map<number, number>): void {
  for (let at = inner.indexOf('{{'); at >= 0;) {
    const end = inner.indexOf('}}', at + 2);
    if (end < 0) {
      kept.set(offset + at, offset + inner.length);
      return;
    }
    if (!isOurs.test(inner.slice(at + 2, end))) kept.set(offset + at, offset + end + 2);
    at = inner.indexOf('{{', end + 2);
  }
}
