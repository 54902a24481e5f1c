/** Paths of fields in the caller's own words: `to[0].email`, `data["first name"]`. */
export type PathSegment = string | number;

const plainKey = /^[A-Za-z_$][\w$-]{0,99}$/;

/** Keys that are no plain words are quoted as JSON and cut at 100 characters, so a path is always short clean text. */
export function fieldPath(segments: readonly PathSegment[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (plainKey.test(segment)) path += path === '' ? segment : `.${segment}`;
    else path += `[${JSON.stringify(segment.toWellFormed().slice(0, 100))}]`;
    if (path.length > 1000) return `${path.slice(0, 1000)}...`;
  }
  return path;
}

/** A JSON pointer (RFC 6901) as segments; the value tells a list's index from a field whose name is a number. */
export function pointerSegments(pointer: string, value: unknown): PathSegment[] {
  let current: unknown = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const isIndex = Array.isArray(current);
      current = typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined;
      return isIndex ? Number(key) : key;
    });
}
