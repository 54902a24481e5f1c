/**
 * Bounces without a machine-readable part, as data: how they announce themselves, and where in their text the reply of the
 * refusing server stands.
 */
import type { Reply } from '../reply.ts';

const bounceSubjects =
  /undeliver|delivery (status|failure|has failed|notification)|failure notice|returned mail|mail delivery (failed|system)|not delivered|(message|mail) (undeliverable|could not be delivered)|nondeliverable/i;
/** The same in the languages of large servers. */
const foreignBounceSubjects =
  /non ?remis|échec de la remise|non distribu|unzustellbar|nicht zugestellt|fehler bei der zustellung|(mensaje|correo) no entregado|no se puede entregar|mancato recapito|impossibile recapitare|mancata consegna|onbestelbaar|niet[- ]bestelbaar|niedostarcz|não (é possível entregar|entregue)|kunde inte levereras|kan ikke leveres|toimittaa|nedoručiteln|teslim edilemedi|недоставлен|не доставлен|配信不能|配信できません|送信できません|退信|未送达|无法投递|배달되지|반송/i;
const daemons = /^(mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|double-bounce)$/i;
const autoReplySubjects =
  /out of (the )?office|automatic reply|auto(matic|mated)?[- ]?(reply|response|answer)|abwesenheit|absence du bureau|vacation|on leave|away from/i;
const foreignAutoReplySubjects =
  /automatische antwort|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|resposta automática|autosvar|automatyczna odpowiedź|автоответ|автоматический ответ|自動(応答|返信)|自动(回复|答复)|자동 (회신|응답)/i;

const challengeSubjects =
  /(verify|confirm) (that )?(you|your (e-?mail|message|identity|address))|sender (verification|authentication|confirmation)|(confirmation|verification) (required|needed)|are you human|challenge[- ]response|awaiting your (verification|confirmation)/i;

export type Announcement = {
  readonly fromLocal: string;
  readonly subject: string;
  readonly autoSubmitted: string | null;
  readonly precedence: string | null;
};

export function looksLikeBounce({ fromLocal, subject }: Announcement): boolean {
  return bounceSubjects.test(subject) || foreignBounceSubjects.test(subject) || daemons.test(fromLocal);
}

/** RFC 3834 5, and what vacation programs say that do not know it. */
export function looksLikeAutoReply({ subject, autoSubmitted, precedence }: Announcement): boolean {
  if (autoSubmitted !== null && /^auto-replied/i.test(autoSubmitted)) return true;
  if (autoReplySubjects.test(subject) || foreignAutoReplySubjects.test(subject)) return true;
  return precedence !== null && /^auto_?reply$/i.test(precedence);
}

/** A filter's demand that the sender confirm; a person who writes such a subject is not answered either. */
export function looksLikeChallenge({ subject }: Announcement): boolean {
  return challengeSubjects.test(subject);
}

const addressOf = /<([^<>\s@]{1,64}@[^<>\s@]{1,255})>|([^\s<>()[\]:;,"']{1,64}@[^\s<>()[\]:;,"']{1,255})/;
/** `550 5.1.1 text`, `550-5.1.1 text`, `#5.1.1 text`, `(550, '5.1.1 text')`. */
const codeOf =
  /(?<![\d.])([45]\d\d)(?:[ \-,]{1,3}'?#?([45]\.\d{1,3}\.\d{1,3}))?(?![\d.])[ :\-,]{0,3}([^\n]{0,400})/;
const bareStatus = /#?(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])[ :)]{0,3}([^\n]{0,400})/;
const textCharsMax = 20_000;

/** The failed recipient and the server's reply, as far as the words tell; a 550 of its own words when no code is there. */
export function readWords(text: string): { readonly recipient: string | null; readonly reply: Reply } {
  // What we sent is quoted below: its words are ours.
  const told =
    text
      .slice(0, textCharsMax)
      .split(
        /^[ \t>]{0,8}(?:---.*(?:original|copy of|returned|message header|below this line|unsent message).*)$/im,
      )[0] ?? '';
  const address = addressOf.exec(told);
  const recipient = address?.[1] ?? address?.[2] ?? null;
  const code = codeOf.exec(told);
  if (code !== null) {
    const reply = { code: Number(code[1]), enhanced: code[2] ?? null, text: (code[3] ?? '').trim() };
    return { recipient, reply };
  }
  const status = bareStatus.exec(told);
  if (status !== null) {
    const [, of = '5', subject = '0', detail = '0', rest = ''] = status;
    return {
      recipient,
      reply: { code: of === '4' ? 450 : 550, enhanced: `${of}.${subject}.${detail}`, text: rest.trim() },
    };
  }
  return {
    recipient,
    reply: { code: 550, enhanced: null, text: told.replaceAll(/\s+/g, ' ').trim().slice(0, 1000) },
  };
}
