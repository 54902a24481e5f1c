/** Instants as the field of the browser takes them: the viewer's own time, to the minute, without a zone. */
const two = (part: number): string => String(part).padStart(2, '0');

/** '' for what is no time. */
export function localText(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What such a field holds as an instant; null: nothing, or no time. */
export function instantOf(text: string): string | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
