/** After how many days a key ends, as it is chosen; '' for never. */
export const lives = [
  { value: '', label: 'never' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
] as const;

const dayMs = 86_400_000;

export function expiryOf(days: string): { readonly expiresAt?: string } {
  return days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString() };
}
