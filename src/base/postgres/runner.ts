// As whom PostgreSQL runs. It refuses to be root, so root hands it to an unprivileged uid; others keep their own.
import { readFile } from 'node:fs/promises';
import { StartFault } from '../start-fault.ts';
import { type Runner, run } from './command.ts';

export type Owner = { readonly uid: number; readonly gid: number };

/** In order of preference: one made for us, the database's usual one, then those that every system has. */
const preferredNames = ['lettershop', 'postgres', 'nobody', 'daemon', 'games', 'mail'];

/** Unprivileged candidates of a passwd file, best first; 65534 stands in where the file has none. Pure. */
export function candidateOwners(passwd: string): readonly Owner[] {
  const byName = new Map<string, Owner>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    if (Number(uid) > 0 && Number(gid) > 0) byName.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  const found = preferredNames.map((name) => byName.get(name)).filter((owner) => owner !== undefined);
  return found.length === 0 ? [{ uid: 65_534, gid: 65_534 }] : found;
}

export async function passwdOwners(): Promise<readonly Owner[]> {
  return candidateOwners(await readFile('/etc/passwd', 'utf8').catch(() => ''));
}

/**
 * Chooses the uid: our own, or as root the owner of an existing cluster, else the first candidate that this system
 * lets root become (a container may know few uids or allow no change at all: then a StartFault).
 */
export async function chooseRunner(clusterOwner: Owner | null): Promise<Runner> {
  const own = { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
  if (own.uid !== 0) return withDeathSignal({ ...own, isOther: false, wrap: [] });
  const isUsable = clusterOwner !== null && clusterOwner.uid !== 0;
  const candidates = isUsable ? [clusterOwner] : await passwdOwners();
  for (const candidate of candidates) {
    const runner = { ...candidate, isOther: true, wrap: [] };
    const trial = await run(runner, ['sh', '-c', ':'], 10_000);
    if (trial.startError !== 'EPERM' && trial.startError !== 'EINVAL') return withDeathSignal(runner);
  }
  const tried = candidates.map((candidate) => candidate.uid).join(', ');
  throw new StartFault(
    `PostgreSQL does not run as root, and this system lets root start nothing as another uid (tried ${tried}): ` +
      'start as an ordinary user, or set DATABASE_URL',
  );
}

/**
 * With util-linux's setpriv the kernel stops the child (SIGINT: fast shutdown) when our process dies, however it dies.
 * Where that is missing (macOS, busybox) the next start finds the orphan.
 */
async function withDeathSignal(runner: Runner): Promise<Runner> {
  const wrap = ['setpriv', '--pdeathsig=INT', '--'];
  const trial = await run({ ...runner, wrap }, ['sh', '-c', ':'], 10_000);
  return trial.code === 0 ? { ...runner, wrap } : runner;
}

/** Whether this uid can enter a folder, found out by entering it: modes alone do not tell (ACLs, mounts, parents). */
export async function canEnter(runner: Runner, folder: string): Promise<boolean> {
  const trial = await run({ ...runner, wrap: [] }, ['sh', '-c', 'cd -- "$1"', 'sh', folder], 10_000);
  // Without a shell there is no trial: go on, and let the database's own words tell.
  return trial.startError !== null || trial.code === 0;
}
