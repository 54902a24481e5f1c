/** Header fields: what a caller may set, how values are encoded and decoded, Message-IDs. */
export { readArrived, withoutForgedResults } from './arrived.ts';
export { decodeWords, encodeUnstructured } from './words.ts';
export { dropRecipient, erasedAddress, withoutAddress } from './recipients.ts';
export { fieldValues } from './surgery.ts';
export { checkCustomHeader, makeMessageId } from './rules.ts';
