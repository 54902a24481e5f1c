/**
 * Bounces without a machine-readable part: where in their text the recipients stand, and what the refusing server said of
 * each. Words of more than one recipient are read apart, so that nobody's mailbox takes the blame of another's.
 */
import type { Reply } from '../reply.ts';
import type { Announced } from './announcement.ts';
import type { DeliveryEntry } from './model.ts';

const textCharsMax = 20_000;
const entriesMax = 100;

/** What we sent is quoted below such a line: its words are ours. */
const quoteBelow =
  /^[ \t>*_]{0,8}(?:--.*(?:original|copy of|returned|message header|below this line|unsent message|headers? of).*|(?:original message(?: headers?)?|ursprüngliche (?:nachricht|e-mail|kopfzeilen)|nachrichtenkopf|en-têtes du message|message d.origine|mensaje original|encabezados? de|messaggio originale|原始邮件|原邮件|邮件头|元のメッセージ|原信內容|исходное сообщение)[^\n]{0,40}[:：]?[ \t]*)$/im;
/** One mark only: dialogues have three. */
const quotedLine = /^[ \t]{0,4}>(?!>)[^\n]*$/gm;

const addressPattern = String.raw`[^\s<>()[\]:;,"'“”„«»：（）]{1,64}@[a-z0-9][^\s<>()[\]:;,"'“”„«»，。：；（）、]{1,254}`;
const anyAddress = new RegExp(addressPattern, 'gi');
/** A line that begins with an address which nothing but its fate follows begins what is said of it. */
const sectionStart = new RegExp(
  String.raw`^[ \t•*-]{0,12}(?:<(${addressPattern})>|(${addressPattern}))(?=[ \t]*(?:$|[:;.(,]|on \d))`,
  'gim',
);
/** Neither is ever the recipient that failed. */
const roles =
  /^(?:postmaster|mailer-daemon|abuse|support|helpdesk|help|noc|hostmaster|admin|administrator)@/i;
const namedAsSender =
  /(?:from|sender|von|absender|de la part de|expéditeur|remitente|mittente|发件人|寄件者|差出人|送信元)\W{0,4}$/i;

/** `550 5.1.1 text`, `550-5.1.1 text`, `550: 5.1.1 text`, `(550, '5.1.1 text')`. */
const fullCode =
  /(?<![\w.#=@])([45]\d\d)[ \-,:]{1,3}'?\(?#?([45]\.\d{1,3}\.\d{1,3})(?![\w.])[ :\-,)]{0,3}([^\n]{0,400})/;
const bareCode = /(?<![\w.#=@])([45]\d\d)(?![\w.@/%])(?! ?(?:px|pt|KB|MB|GB|kB))[ :\-,]{0,3}([^\n]{0,400})/;
const bareStatus = /#?(?<![\w.])([45])\.(\d{1,3})\.(\d{1,3})(?![\w.])[ :)]{0,3}([^\n]{0,400})/;

const stillTrying =
  /(?:will|'ll) (?:keep|continue|be|retry|try)\b.{0,40}\b(?:retr(?:y|ied|ying)|try(?:ing)?|tried|hours|days)|still (?:being )?(?:tr(?:ied|ying)|retr(?:ied|ying))|no action is required|(?:do not|don.t) (?:need to )?resend|not yet been delivered|wird weiter(?:hin)? versucht|weitere zustellversuche|versuche?n? (?:es )?weiter|sera (?:à nouveau tenté|retenté)|nouvelles tentatives|seguir(?:á|emos) intentando|verranno effettuati altri tentativi|再送を(?:続|試)|再試行|继续(?:尝试|重试)|仍(?:在|将)尝试/i;
const gaveUp =
  /giv(?:e|en|ing) up|gave up|i stop trying|no longer tr(?:y|ied)|(?:too long|retry (?:time|timeout)|maximum (?:time|hold)).{0,40}(?:exceeded|queue|over)|permanent|aufgegeben|endgültig|définitive|definitiv|最终|断念/i;

type Told = { readonly code: number; readonly enhanced: string | null; readonly text: string };

/** Entries of the recipients that the words name, one without a recipient when they name none. */
export function readEntries(
  text: string,
  announced: Announced,
  /** Addresses of the mail's own header. */
  parties: readonly string[],
): DeliveryEntry[] {
  const told = toldPart(text);
  return sectionsOf(told).map(({ address, words }) => {
    const reply = replyIn(words) ?? (words === told ? null : replyIn(told)) ?? ownWords(words);
    const action = actionOf(told, announced, reply);
    const isBare = action === 'delayed' && reply.enhanced === null && reply.code === 550;
    return {
      recipient: address ?? recipientIn(words, parties),
      action,
      reply: isBare ? { ...reply, code: 450 } : reply,
    };
  });
}

/** What the words of a report say of its failure. */
export function readReply(text: string): Reply {
  const told = toldPart(text);
  return replyIn(told) ?? ownWords(told);
}

function toldPart(text: string): string {
  const head = text.slice(0, textCharsMax);
  return (head.split(quoteBelow, 1)[0] ?? '').replaceAll(quotedLine, '');
}

type Section = { readonly address: string | null; readonly words: string };

/** One for all of the text, unless lines begin with different addresses. */
function sectionsOf(told: string): readonly Section[] {
  const starts = [...told.matchAll(sectionStart)]
    .map(({ index, 1: inAngles, 2: plain }) => ({
      index,
      address: (inAngles ?? plain ?? '').replace(/\.$/, ''),
    }))
    .filter(({ address }) => !roles.test(address));
  const distinct = new Set(starts.map(({ address }) => address.toLowerCase()));
  if (distinct.size < 2) return [{ address: null, words: told }];
  const last = new Map<string, Section>();
  for (const [at, { index, address }] of starts.entries()) {
    const words = told.slice(index + address.length, starts[at + 1]?.index);
    const known = last.get(address.toLowerCase());
    if (known === undefined && last.size >= entriesMax) break;
    last.set(address.toLowerCase(), {
      address,
      words: known === undefined ? words : `${known.words}\n${words}`,
    });
  }
  return [...last.values()];
}

function recipientIn(words: string, parties: readonly string[]): string | null {
  const known = new Set(parties.map((party) => party.toLowerCase()));
  let other: string | null = null;
  for (const { 0: found, index } of words.matchAll(anyAddress)) {
    const address = found.replace(/[.…!?]+$/, '');
    if (!known.has(address.toLowerCase()) && !roles.test(address)) {
      if (!namedAsSender.test(words.slice(Math.max(0, index - 24), index))) return address;
      other ??= address;
    }
  }
  return other;
}

/** The server's own code says more than a bare status, which says more than nothing. */
function replyIn(words: string): Told | null {
  const full = fullCode.exec(words);
  if (full !== null)
    return { code: Number(full[1]), enhanced: full[2] ?? null, text: (full[3] ?? '').trim() };
  const status = bareStatus.exec(words);
  const code = bareCode.exec(words);
  if (status !== null && (code === null || !isAboutMail(code[2] ?? ''))) {
    const [, of = '5', subject = '0', detail = '0', rest = ''] = status;
    const enhanced = `${of}.${subject}.${detail}`;
    const text = /\w{3}/.test(rest) ? rest.trim() : wordsOf(words);
    return { code: of === '4' ? 450 : 550, enhanced, text };
  }
  if (code === null) return null;
  return { code: Number(code[1]), enhanced: null, text: (code[2] ?? '').trim() };
}

/** A number with a word behind it is a reply; one that stands alone beside a status may be anything. */
function isAboutMail(rest: string): boolean {
  return /^\S*\p{L}/u.test(rest.trim());
}

function ownWords(words: string): Told {
  return { code: 550, enhanced: null, text: wordsOf(words) };
}

function wordsOf(words: string): string {
  return words.replaceAll(/\s+/g, ' ').trim().slice(0, 1000);
}

/** A 4yz in a bounce is the last of many tries; in a warning it is one of them. */
function actionOf(told: string, announced: Announced, { code }: Told): 'failed' | 'delayed' {
  if (announced === 'delay') return 'delayed';
  if (announced === 'final') return 'failed';
  if (stillTrying.test(told)) return 'delayed';
  if (gaveUp.test(told)) return 'failed';
  return code < 500 ? 'delayed' : 'failed';
}
