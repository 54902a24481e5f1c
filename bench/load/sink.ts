// Load tool: an SMTP receiver that throws bodies away. One thread, one write per read. Prints a JSON line at its end.
// usage: sink.ts PORT [MESSAGES]   ends after MESSAGES final dots, or at SIGTERM
import { createServer } from 'node:net';
import type { Socket } from 'node:net';

const port = Number(process.argv[2] ?? 0);
const wanted = Number(process.argv[3] ?? 0);
const end = Buffer.from('\r\n.\r\n');
const counts = { messages: 0, connections: 0, bytes: 0, firstMs: 0, lastMs: 0 };

function finish(): void {
  const cpu = process.cpuUsage();
  console.log(JSON.stringify({ ...counts, cpuSeconds: (cpu.user + cpu.system) / 1e6 }));
  process.exit(0);
}

function counted(): void {
  const now = performance.timeOrigin + performance.now();
  if (counts.messages === 0) counts.firstMs = now;
  counts.lastMs = now;
  counts.messages += 1;
  // The last reply still has to leave.
  if (counts.messages === wanted) setTimeout(finish, 50);
}

function serve(socket: Socket): void {
  counts.connections += 1;
  let rest: Buffer | null = null;
  let inData = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk: Buffer) => {
    counts.bytes += chunk.length;
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    rest = null;
    let at = 0;
    let answer = '';
    while (at < bytes.length) {
      if (inData) {
        const found = bytes.indexOf(end, at);
        if (found < 0) {
          rest = bytes.subarray(Math.max(at, bytes.length - 4));
          break;
        }
        inData = false;
        at = found + end.length;
        counted();
        answer += '250 2.0.0 kept\r\n';
        continue;
      }
      const line = bytes.indexOf(10, at);
      if (line < 0) {
        rest = bytes.subarray(at);
        break;
      }
      const verb = (bytes[at] ?? 0) & 0xdf;
      at = line + 1;
      // E(HLO), D(ATA), Q(UIT); all other verbs are simply fine.
      if (verb === 0x45)
        answer +=
          '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 104857600\r\n250 ENHANCEDSTATUSCODES\r\n';
      else if (verb === 0x44) {
        answer += '354 go\r\n';
        inData = true;
        // The line end of DATA may be the first half of the terminator of an empty message.
        at = line - 1 >= 0 && bytes[line - 1] === 13 ? line - 1 : at;
        const empty = bytes.indexOf(end, at) === at;
        if (!empty) at = line + 1;
      } else if (verb === 0x51) {
        socket.end(`${answer}221 bye\r\n`);
        return;
      } else answer += '250 2.1.0 ok\r\n';
    }
    if (answer !== '') socket.write(answer, 'latin1');
  });
}

const server = createServer(serve);
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : null }));
});
process.on('SIGTERM', finish);
