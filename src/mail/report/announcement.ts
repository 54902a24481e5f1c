/**
 * How mail without a machine-readable part says what it is, as data: bounces, warnings of delay, automatic answers, demands
 * for a confirmation. Subjects quote ours, so of several words in one the first counts, and none behind a `Re:`.
 */

const finalSubjects =
  /undeliver|delivery (?:failure|has failed|failed)|\(failure\)|failure notice|returned mail|returning message|mail delivery failed|not delivered|(?:message|mail) (?:undeliverable|could not be delivered)|nondeliverable|delivery failure|address not found|message blocked/i;
/** The same in the languages of large servers. */
const foreignFinalSubjects =
  /non ?remis|échec de (?:la )?(?:remise|distribution)|non distribu|unzustellbar|nicht zugestellt|konnte nicht zugestellt|fehler bei der (?:nachrichten)?zustellung|rückläufer|(?:mensaje|correo) no entregado|no se (?:puede|pudo|ha podido) entregar|error de entrega|mancato recapito|impossibile recapitare|mancata consegna|onbestelbaar|niet[- ]bestelbaar|niedostarcz|não (?:é possível entregar|entregue)|kunde inte levereras|kan ikke leveres|toimittaa|nedoručiteln|teslim edilemedi|недоставлен|не доставлен|配信不能|配信できません|送信できません|配信エラー|届きません|退信|被退回|未送达|无法投递|投递失败|投遞失敗|배달되지|반송/i;
const delaySubjects =
  /delayed(?: mail)?\b|still being retried|\(delay\)|delivery (?:delay|is delayed|delayed|incomplete)|could not send message for past|not (?:yet )?delivered yet/i;
const foreignDelaySubjects =
  /verzögert|zustellung verzögert|remise (?:est )?retardée|retard de (?:la )?(?:remise|livraison)|(?:entrega|mensaje) (?:retrasad[oa]|demorad[oa])|retraso en la entrega|consegna ritardata|vertraagd|отложен|задержк[аи]|配信(?:の|が)?遅延|遅延|延迟|延遲|배달 지연/i;
/** Of a kind that may be either. */
const openSubjects = /delivery (?:status|notification)|mail delivery system/i;
const daemons = /^(?:mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|double-bounce)$/i;

const autoReplySubjects =
  /out of (?:the )?office|automatic reply|auto(?:matic|mated)?[- ]?(?:reply|response|answer)|abwesenheit|absence du bureau|vacation|on leave|away from/i;
const foreignAutoReplySubjects =
  /automatische antwort|réponse automatique|absent du bureau|message d.absence|respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:ufficio|sede)|automatisch antwoord|afwezigheid|resposta automática|autosvar|automatyczna odpowiedź|автоответ|автоматический ответ|自動(?:応答|返信)|不在(?:通知|のお知らせ)|休暇中|自动(?:回复|答复)|自動回覆|休假中|자동 (?:회신|응답)|부재중/i;

const challengeSubjects =
  /(?:verify|confirm) (?:that )?(?:you|your (?:e-?mail|message|identity|address))|sender (?:verification|authentication|confirmation)|(?:confirmation|verification) (?:required|needed)|are you human|challenge[- ]response|await(?:s|ing) (?:your )?(?:verification|confirmation|moderator approval|approval)|held (?:for|until) (?:approval|confirmation|verification)/i;
const foreignChallengeSubjects =
  /bestätigen sie (?:bitte )?(?:ihre|den versand)|bestätigung (?:erforderlich|notwendig)|confirmez (?:votre|l.envoi)|confirmation (?:requise|nécessaire)|confirme (?:su|el envío)|confirmación (?:requerida|necesaria)|conferm[ai] (?:il tuo|l.invio)|送信(?:者)?の?確認|请确认|验证您的/i;

/** How answers begin: what follows is our own subject. */
const answerPrefix = /^\s*(?:re|aw|antw|sv|rv|r|odp|ynt|回复|答复|回覆|返信)\s*(?:\[\d+\])?\s*[:：]/i;

export type Announcement = {
  readonly fromLocal: string;
  readonly subject: string;
  readonly autoSubmitted: string | null;
  readonly precedence: string | null;
};

/** `final`, `delay`: as its subject says; `open`: a bounce, whose words must tell. */
export type Announced = 'final' | 'delay' | 'open' | 'auto_reply' | 'challenge' | null;

const words: readonly (readonly [Exclude<Announced, null>, readonly RegExp[]])[] = [
  // Before the final ones: a warning says that mail could not be delivered, and adds "yet".
  ['delay', [delaySubjects, foreignDelaySubjects]],
  ['final', [finalSubjects, foreignFinalSubjects]],
  ['open', [openSubjects]],
  ['auto_reply', [autoReplySubjects, foreignAutoReplySubjects]],
  ['challenge', [challengeSubjects, foreignChallengeSubjects]],
];

export function announced(mail: Announcement): Announced {
  const { fromLocal, subject, autoSubmitted } = mail;
  const said = answerPrefix.test(subject) ? null : firstWord(subject);
  if (said === 'challenge') return said;
  // RFC 3834 5: what is generated answers nothing.
  const isGenerated = /^auto-generated/i.test(autoSubmitted ?? '');
  const isDaemon = daemons.test(fromLocal);
  if (said === 'final' || said === 'delay') return isGenerated ? null : said;
  if (said === 'auto_reply' || isMarkedAnswer(mail, isDaemon)) return 'auto_reply';
  return (said === 'open' || isDaemon) && !isGenerated ? 'open' : null;
}

function firstWord(subject: string): Announced {
  let first: Announced = null;
  let least = Infinity;
  for (const [kind, patterns] of words) {
    for (const pattern of patterns) {
      const at = pattern.exec(subject)?.index ?? Infinity;
      if (at < least) [first, least] = [kind, at];
    }
  }
  if (first !== 'open') return first;
  // "Delivery Status Notification (Failure)": what stands behind says which.
  return (
    words.find(([kind, patterns]) => closing.has(kind) && patterns.some((each) => each.test(subject)))?.[0] ??
    first
  );
}

const closing: ReadonlySet<Announced> = new Set(['delay', 'final']);

/** RFC 3834 5, and what vacation programs say that do not know it. Bounces of daemons call themselves answers, too. */
function isMarkedAnswer({ autoSubmitted, precedence }: Announcement, isDaemon: boolean): boolean {
  if (precedence !== null && /^auto_?reply$/i.test(precedence)) return true;
  return !isDaemon && autoSubmitted !== null && /^auto-replied/i.test(autoSubmitted);
}
