/** Hands a file that was read from the API to the browser, to be kept under a name. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by the next turn; some need a moment more.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
