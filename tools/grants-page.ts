/** docs/grants.md from the grant list and each dialect's words beside it. */
import { accountOnlyGrants, grants } from '../src/base/scope.ts';
import { grantWords } from '../src/dialects/grant-words.ts';
import type { GrantWords } from '../src/dialects/grant-words.ts';

function cell(words: readonly string[] = []): string {
  return words.map((word) => `\`${word}\``).join(' ');
}

export function grantsPage(): string {
  const rows = grants.map((grant) => {
    const words: GrantWords = grantWords[grant];
    const reach = accountOnlyGrants.has(grant) ? 'account only' : 'any';
    const cells = [`\`${grant}\``, words.means, reach];
    return `| ${[...cells, cell(words.sparkpost), cell(words.mailersend), cell(words.mailjet)].join(' | ')} |`;
  });
  return `# Grants

One list for keys and people. "Account only": a key of a subaccount never holds it. Nobody hands out a grant that they do not
hold. Made from \`src/base/scope.ts\` and \`src/dialects/grant-words.ts\` by \`npm run schema\`. Mandrill's keys have no
grants; Mailjet's words are the pages of a sharing; Emma has roles only.

| grant | lets its holder | reach | SparkPost | MailerSend | Mailjet |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
