/** Transport security between mail hosts: MTA-STS, DANE and TLS reports, without network and clock. */
export { daneProblem, isUsable, tlsaText } from './dane.ts';
export type { Tlsa } from './dane.ts';
export { isListed, parseStsPolicy, stsLines, stsRecordId } from './sts.ts';
export type { StsPolicy } from './sts.ts';
export { reportFile, reportId, reportJson, reportMail, reportTargets } from './report.ts';
export type { PolicyFacts, ReportFacts, SessionCount, TlsResult } from './report.ts';
