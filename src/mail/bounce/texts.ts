/**
 * What the words of a reply say, as data, in the order in which they are tried. Servers pick codes carelessly, 5.1.1
 * for a spam block included, but their words are for people. Addresses have been taken out of the text before.
 */
import type { BounceClass } from './codes.ts';

export type TextRule = {
  readonly rule: string;
  readonly class: BounceClass;
  readonly pattern: RegExp;
};

/** Whatever the number says, these are not about a bad address (the two marked as hard apart). */
export const overriding: readonly TextRule[] = [
  // Microsoft 365 says this for recipients that the tenant does not have; "access denied" alone is a block.
  {
    rule: 'microsoft.recipient_refused',
    class: 'hard',
    pattern: /^recipient address rejected: access denied/i,
  },
  {
    rule: 'microsoft.recipient_not_found',
    class: 'hard',
    pattern: /RESOLVER\.ADR\.(Ex)?RecipNotFound|RecipientNotFound/i,
  },
  {
    rule: 'microsoft.sender_not_allowed',
    class: 'policy',
    pattern: /RESOLVER\.RST\.(NotAuthorized|AuthRequired|SendersNotAllowed)/i,
  },
  {
    rule: 'sender_refused',
    class: 'admin',
    pattern:
      /\b(sender|return[- ]path|mail from|from) (address|domain|user|host)?\s?(was |is )?(rejected|not found|unknown|invalid|does not exist|doesn't exist|not exist)/i,
  },
  {
    rule: 'sender_unverified',
    class: 'admin',
    pattern:
      /sender (address )?verif|verification failed for|invalid sender|domain of sender|sender'?s? domain|sender call-?out|bad outbound sender/i,
  },
  { rule: 'greylisted', class: 'soft', pattern: /gr[ae]y-?\s?list|first time sender|postgrey/i },
  {
    rule: 'recipient_rate',
    class: 'soft',
    pattern:
      /(user|account|recipient|mailbox)\b.{0,60}\b(is |has )?(receiv(ing|ed))\b.{0,20}\b(mail|messages|too)/i,
  },
  {
    rule: 'rate',
    class: 'block',
    pattern:
      /rate.?limit|throttl|too (fast|quickly|frequent)|unusual rate|unexpected volume|sending rate|server busy|too many (connections|sessions|concurrent|simultaneous|messages|emails|mails|errors|invalid|unknown|bad|failed)|(messages?|mails?|connections?) per (second|minute|hour|day|connection)|(message|connection|sending|daily|hourly) (limit|quota) (exceeded|reached)|exceeded .{0,30}(sending|connection|message) (limit|rate|quota)|mail flood/i,
  },
  {
    rule: 'mailbox_full',
    class: 'soft',
    pattern:
      /(mailbox|inbox|quota|storage|disk|maildir)\b.{0,40}\b(full|exceed(s|ed)?|over|limit)|over ?-?quota|quota exceeded|exceed(s|ed|ing)? .{0,30}(quota|storage|mailbox)|out of (storage|space|disk)|insufficient (system |disk )?(storage|space)|not enough (storage|space)/i,
  },
  {
    rule: 'too_large',
    class: 'soft',
    pattern: /(message|mail|size|file) .{0,30}(too (large|big)|exceeds .{0,30}(size|limit|maximum))/i,
  },
  {
    rule: 'listed',
    class: 'block',
    pattern:
      /spamhaus|spamcop|sorbs|uceprotect|surbl|uribl|invaluement|abusix|\b(rbl|dnsbl|dnswl)\b|\b(block|black|deny)[ -]?list|blocked using|barracudacentral|senderscore|talosintelligence|is listed (at|in|by|on)|\blisted (at|in|on) \S+\.\w{2,}/i,
  },
  {
    rule: 'infected',
    class: 'policy',
    pattern:
      /\bvirus|malware|malicious|phishing|ransomware|infected|(attachment|file (type|name|extension)).{0,40}(not allowed|prohibited|rejected|blocked|forbidden)|potential security (issue|risk)|illegal attachment/i,
  },
  {
    rule: 'spam',
    class: 'block',
    pattern:
      /(?<![\w.-])(anti-?)?spam(my|ming|mer)?(?!\.?[\w-])|unsolicited|\bUBE\b|\bUCE\b|junk ?mail|bulk (mail|email|sender)|user complaints|high probability of|(looks|look) like (bulk|junk)|content (was )?(rejected|refused|blocked|filter)/i,
  },
  {
    rule: 'authentication',
    class: 'policy',
    pattern:
      /\b(spf|dkim|dmarc)\b|sender policy framework|unauthenticated (email|mail|message|sender)|(does not|doesn't|did not|failed to?) (have|pass|meet) .{0,30}authentication|authentication (info|checks?|level|requirements?|results)|anti-?spoof|spoof(ed|ing)/i,
  },
  {
    rule: 'reverse_dns',
    class: 'policy',
    pattern:
      /reverse (dns|lookup|hostname|path)|\b(ptr|rdns)\b|cannot find your (reverse )?host ?name|(helo|ehlo)\b.{0,40}(reject|invalid|not found|resolve|fqdn|denied)|fully[- ]qualified/i,
  },
  {
    rule: 'tls_required',
    class: 'policy',
    pattern:
      /(must|require[sd]?|needs?|issue) .{0,30}\b(starttls|tls|encrypt)|\btls\b.{0,30}(required|mandatory)/i,
  },
  {
    rule: 'relaying',
    class: 'admin',
    pattern:
      /\brelay(ing)?\b.{0,20}(denied|not (permitted|allowed)|prohibited|refused|disallowed)|(unable|not (permitted|allowed)|cannot|won'?t|do not|don'?t) (to )?relay|rcpthosts|not a gateway/i,
  },
  {
    rule: 'login_needed',
    class: 'admin',
    pattern:
      /authentication (is )?required|must (be )?authenticat|client was not authenticated|\blogin required/i,
  },
  {
    rule: 'reputation',
    class: 'block',
    pattern:
      /reputation|poor trust|(permanently|temporarily) deferred|\b(ip|ip address|address|host|client|network|server|domain|connections?|mta)\b.{0,60}\b(blocked|banned|blacklisted|will not be accepted|has been blocked)|\bbanned\b|blocked by|^blocked|access (denied|to this mail system)|\[?(TSS|BL|GL)\d\d\]?|\(?\bS3(140|150)\b|connection (refused|rejected|denied)|rejected (due to|because) .{0,20}\bip\b|client host .{0,60}rejected|is blocked\b.{0,20}\b(ip|from)/i,
  },
  {
    rule: 'group_closed',
    class: 'policy',
    pattern:
      /(permission|allowed|authori[sz]ed|restricted) .{0,30}(to )?(post|send (mail |messages? )?to)|only accepts? (mail|messages?) from|members only|restricted (recipient|group)/i,
  },
  {
    rule: 'refused_by_policy',
    class: 'policy',
    pattern:
      /\bpolic(y|ies)\b|administrative(ly)? prohibi|not accepted for|rejected by (the )?(recipient|content|header|filter|rule)|message (was )?(refused|not allowed)|\[(CS|HM|PH)\d\d\]/i,
  },
];

/** After the overriding ones, and only where the code is vague or absent. */
export const deciding: readonly TextRule[] = [
  {
    rule: 'mailbox_full.foreign',
    class: 'soft',
    pattern:
      /(?:postfach|mailbox|speicher)\b.{0,30}(?:voll|überfüllt|ausgeschöpft)|bo[iî]te .{0,40}pleine|quota (?:dépassé|überschritten|superad)|buz[oó]n .{0,20}llen[oa]|casella .{0,30}piena|caixa .{0,30}cheia|ящик .{0,20}переполнен|メールボックス.{0,10}(?:いっぱい|満杯|超過)|(?:邮箱|信箱).{0,6}(?:已满|满了|空间不足)/i,
  },
  {
    rule: 'unknown_recipient.foreign',
    class: 'hard',
    pattern:
      /(?:empfänger|benutzer|adresse|postfach)\b.{0,30}(?:unbekannt|existiert nicht|nicht (?:gefunden|vorhanden))|(?:destinataire|adresse|utilisateur)\b.{0,30}(?:inconnue?|n.existe pas|introuvable)|(?:usuario|destinatario|dirección|cuenta|buzón)\b.{0,30}(?:no existe|desconocid[oa])|(?:destinatario|utente) .{0,20}(?:sconosciuto|inesistente)|(?:пользователь|адресат) .{0,20}не (?:найден|существует)|(?:ユーザー|宛先|アドレス|メールボックス).{0,12}(?:存在しません|見つかりません|不明)|(?:用户|地址|邮箱|收件人).{0,8}不存在/i,
  },
  {
    rule: 'mailbox_locked',
    class: 'soft',
    pattern: /(mailbox|account|user|recipient)\b.{0,40}\b(locked|suspended|blocked|temporarily|busy)/i,
  },
  {
    rule: 'unknown_recipient',
    class: 'hard',
    pattern:
      /(no such|unknown|invalid|nonexistent|non-existent|unrecogni[sz]ed|bad|not a valid) (local )?(user|recipient|mailbox|address|account|destination|person|alias|e-?mail)|(user|recipient|mailbox|address|account|addressee|alias|e-?mail)s?\b.{0,60}\b(unknown|invalid|not found|not exist|nonexistent|doesn'?t exist|not known|not listed|not recogni[sz]ed|could not be found|was not found|no longer (valid|exists|on server|here|in use))|does(n'?t| not) have an? .{0,30}\baccount|no (mailbox|user|recipient|account)s? (here|by that name|with that|of that name|found)|not our customer|unrouteable|unroutable|there is no one at this address|(mailbox|recipient) (is )?unavailable|address rejected/i,
  },
  {
    rule: 'disabled_recipient',
    class: 'hard',
    pattern:
      /(user|recipient|mailbox|address|account|e-?mail)\b.{0,60}\b(disabled|inactive|deactivated|not active|closed|terminated|deleted|removed|expired|abandoned|no longer (active|available|used)|discontinued)/i,
  },
  {
    rule: 'unknown_domain',
    class: 'hard',
    pattern:
      /(domain|host|system|site)\b.{0,30}\b(not found|does(n'?t| not) exist|unknown|does not accept (e-?)?mail|not hosted here)|(unknown|invalid|no such) (domain|host)|null mx/i,
  },
  {
    rule: 'try_later',
    class: 'soft',
    pattern:
      /(try|retry|again) .{0,20}\blater|temporar(y|ily)|service (is )?(not available|unavailable)|system (not|is) |internal (server )?error|resources? (temporarily )?unavailable|timed? ?out|too many (hops|recipients)|\bloop\b/i,
  },
];
