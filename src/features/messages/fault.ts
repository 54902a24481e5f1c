/** What the event tells of a copy that could not be made of its template, whenever that was found. */
export function toldFault(text: string) {
  return { attempt: 0, phase: 'compose', reply: { code: 554, enhanced: '5.6.0', text } };
}
