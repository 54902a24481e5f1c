/** Dates by the letters that Mandrill's templates use (PHP's), always in UTC and in English. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (value: number): string => String(value).padStart(2, '0');
const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

function ending(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
}

const letters: Readonly<Record<string, (date: Date) => string>> = {
  d: (date) => two(date.getUTCDate()),
  j: (date) => String(date.getUTCDate()),
  D: (date) => (days[date.getUTCDay()] ?? '').slice(0, 3),
  l: (date) => days[date.getUTCDay()] ?? '',
  N: (date) => String(date.getUTCDay() === 0 ? 7 : date.getUTCDay()),
  w: (date) => String(date.getUTCDay()),
  S: (date) => ending(date.getUTCDate()),
  z: (date) => String(dayOfYear(date)),
  m: (date) => two(date.getUTCMonth() + 1),
  n: (date) => String(date.getUTCMonth() + 1),
  M: (date) => (months[date.getUTCMonth()] ?? '').slice(0, 3),
  F: (date) => months[date.getUTCMonth()] ?? '',
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  H: (date) => two(date.getUTCHours()),
  G: (date) => String(date.getUTCHours()),
  h: (date) => two(twelve(date.getUTCHours())),
  g: (date) => String(twelve(date.getUTCHours())),
  i: (date) => two(date.getUTCMinutes()),
  s: (date) => two(date.getUTCSeconds()),
  a: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  A: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  e: () => 'UTC',
  T: () => 'UTC',
  O: () => '+0000',
  P: () => '+00:00',
  U: (date) => String(Math.floor(date.getTime() / 1000)),
};

/** `\d` is the letter d itself; what is no letter of a date stays. */
export function formatPhpDate(format: string, ms: number): string {
  const date = new Date(ms);
  return format.replaceAll(
    /\\(.)|([A-Za-z])/g,
    (found, plain: string | undefined, letter: string | undefined) => {
      if (plain !== undefined) return plain;
      return Object.hasOwn(letters, letter ?? '') ? (letters[letter ?? '']?.(date) ?? found) : found;
    },
  );
}
