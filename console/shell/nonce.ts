/** Where libraries that add a style of their own (scroll locks of dialogues) look for the nonce; before they are loaded. */
import { facts } from './facts.ts';

Reflect.set(globalThis, '__webpack_nonce__', facts.nonce);
