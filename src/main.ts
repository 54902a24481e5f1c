/** Entry: settings, then the command. Without one, the program starts. */
import { environmentWithFile, readConfig } from './base/config.ts';
import { StartFault } from './base/start-fault.ts';
import { runCommand } from './cli/index.ts';

process.title = 'lettershop';

try {
  const config = readConfig(environmentWithFile());
  process.exitCode = await runCommand(process.argv.slice(2), config);
} catch (error) {
  if (error instanceof StartFault) {
    console.error(`lettershop: ${error.message}`);
  } else {
    console.error(error);
  }
  process.exitCode = 1;
}
