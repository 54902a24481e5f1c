/**
 * The values of an XML document as they come by, in bounded memory and in turns with everything else that the process does: a
 * document of some megabytes has a million elements. No entities but those of XML itself.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Parser } from 'htmlparser2';

const chunkChars = 32_768;
const depthMax = 24;
const elementsMax = 1_000_000;
/** Longer values are cut. */
const valueCharsMax = 1000;

export type Seen = {
  /** Names from the root on, without prefixes: `feedback/record/row/count`. */
  readonly onValue: (path: string, value: string) => void;
  readonly onEnd: (path: string) => void;
};

/** False when the document is deeper or has more elements than any report. */
export async function readElements(text: string, { onValue, onEnd }: Seen): Promise<boolean> {
  const open: string[] = [];
  const state = { elements: 0, isOver: false };
  let value = '';
  const parser = new Parser(
    {
      onopentag: (name) => {
        state.elements += 1;
        state.isOver ||= open.length >= depthMax || state.elements > elementsMax;
        if (state.isOver) return;
        open.push(name.slice(name.indexOf(':') + 1));
        value = '';
      },
      ontext: (more) => {
        if (value.length < valueCharsMax) value += more.slice(0, valueCharsMax - value.length);
      },
      onclosetag: () => {
        if (state.isOver) return;
        const path = open.join('/');
        onValue(path, value);
        onEnd(path);
        value = '';
        open.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  for (let at = 0; at < text.length && !state.isOver; at += chunkChars) {
    parser.write(text.slice(at, at + chunkChars));
    await turn();
  }
  if (!state.isOver) parser.end();
  return !state.isOver;
}
