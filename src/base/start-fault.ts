/**
 * Why the program cannot start or go on, as one line for the operator: it names the thing, the reason and what to
 * do. `main` prints the line alone, without a stack. Not for callers (Refusal) and not for bugs (assertions).
 */
export class StartFault extends Error {
  override readonly name = 'StartFault';
}

/** The code of a system error (`EACCES`), or an empty string for anything else that was thrown. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file is in its place',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'a link in the path leads back to itself',
  ENOENT: 'a part of the path is missing',
  EISDIR: 'a folder is in its place',
};

/** The reason of a system error in words. */
export function systemReason(error: unknown): string {
  return reasons[systemCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** The first line of anything that was thrown. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
