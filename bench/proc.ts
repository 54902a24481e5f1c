// What a tree of processes has used: CPU from /proc/<pid>/stat, memory as PSS from smaps_rollup. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

type Entry = { readonly parent: number; readonly cpuSeconds: number };

function table(): Map<number, Entry> {
  const found = new Map<number, Entry>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
      found.set(Number(name), { parent: fields[1] ?? 0, cpuSeconds: ticks / 100 });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function tree(root: number): [number, Entry][] {
  const all = table();
  const members = new Set([root]);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, { parent }] of all) {
      if (!members.has(pid) && members.has(parent)) {
        members.add(pid);
        grew = true;
      }
    }
  }
  return [...all].filter(([pid]) => members.has(pid));
}

/** User and system seconds of the tree, ended children included. */
export function cpuSeconds(roots: readonly number[]): number {
  return roots.flatMap(tree).reduce((sum, [, entry]) => sum + entry.cpuSeconds, 0);
}

/** Proportional set size of the tree in MiB. */
export function pssMiB(roots: readonly number[]): number {
  let kib = 0;
  for (const [pid] of roots.flatMap(tree)) {
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      // It ended while we looked.
    }
  }
  return kib / 1024;
}

/** Milliseconds that these processes' first threads were on a CPU, to the microsecond: what a page costs however busy the machine. */
export function onCpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1e6;
  }, 0);
}
